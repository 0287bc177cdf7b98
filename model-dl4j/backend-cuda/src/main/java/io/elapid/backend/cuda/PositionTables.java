package io.elapid.backend.cuda;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Which position each step reads, and in which order windows of steps are read, kept on the device
 * for every order and size that is met.
 */
final class PositionTables implements AutoCloseable {
  private final Device device;
  private final Map<Key, Long> tables = new HashMap<>();

  private record Key(ScanOrder order, int directions, int height, int width, int window) {}

  PositionTables(Device device) {
    this.device = device;
  }

  /** Address of the {@code (K, L)} ints of {@link ScanGeometry#positionTable}. */
  long of(ScanGeometry g) {
    return of(g, 0, ScanGeometry::positionTable);
  }

  /**
   * Address of {@code (K, L, 2)} ints: the steps of each window of so many and their positions, by
   * these, so that what is beside each other in memory is read at once.
   */
  long places(ScanGeometry g, int window) {
    return of(g, window, geometry -> placeTable(geometry, window));
  }

  private static int[] placeTable(ScanGeometry g, int window) {
    int[] positions = g.positionTable();
    int[] places = new int[2 * positions.length];
    for (int k = 0; k < g.directions(); k++) {
      int row = k * g.steps();
      for (int first = 0; first < g.steps(); first += window) {
        List<Integer> steps =
            IntStream.range(first, Math.min(first + window, g.steps()))
                .boxed()
                .sorted(Comparator.comparingInt(step -> positions[row + step]))
                .toList();
        int at = 2 * (row + first);
        for (int step : steps) {
          places[at++] = step;
          places[at++] = positions[row + step];
        }
      }
    }
    return places;
  }

  private long of(ScanGeometry g, int window, Function<ScanGeometry, int[]> make) {
    Key key = new Key(g.order(), g.directions(), g.height(), g.width(), window);
    Long known = tables.get(key);
    if (known != null) {
      return known;
    }
    ByteBuffer bytes = Numbers.ints(make.apply(g));
    long address = device.memory().take(bytes.capacity());
    tables.put(key, address);
    device.staging().upload(bytes, address);
    return address;
  }

  @Override
  public void close() {
    tables.values().forEach(device.memory()::give);
    tables.clear();
  }
}
