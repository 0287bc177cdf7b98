package io.elapid.backend.cuda;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** Which position each step reads, kept on the device for every order and size that is met. */
final class PositionTables implements AutoCloseable {
  private final Device device;
  private final Map<Key, Long> tables = new HashMap<>();

  private record Key(ScanOrder order, int directions, int height, int width) {}

  PositionTables(Device device) {
    this.device = device;
  }

  /** Address of the {@code (K, L)} ints of {@link ScanGeometry#positionTable}. */
  long of(ScanGeometry g) {
    Key key = new Key(g.order(), g.directions(), g.height(), g.width());
    Long known = tables.get(key);
    if (known != null) {
      return known;
    }
    int[] positions = g.positionTable();
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(positions.length * Integer.BYTES).order(ByteOrder.nativeOrder());
    bytes.asIntBuffer().put(positions);
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
