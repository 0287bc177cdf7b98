package io.elapid.data.loader;

import io.elapid.data.shard.Sample;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Hands out a sequence of rows, reading each row group when its first row is due and keeping only
 * the rows that are still to come.
 */
final class RowStream {
  private final SplitFiles files;
  private final long[] sequence;
  private final Map<Integer, BitSet> wanted = new HashMap<>();
  private final Map<Integer, Map<Integer, Sample>> loaded = new HashMap<>();
  private int next;

  /**
   * A stream over {@code sequence} from position {@code start} on.
   *
   * @param sequence addresses of {@link SampleOrder}; those of the same row stand together
   */
  RowStream(SplitFiles files, long[] sequence, int start) {
    this.files = files;
    this.sequence = sequence;
    this.next = start;
    for (int i = start; i < sequence.length; i++) {
      wanted
          .computeIfAbsent(SampleOrder.group(sequence[i]), g -> new BitSet())
          .set(SampleOrder.row(sequence[i]));
    }
  }

  int remaining() {
    return sequence.length - next;
  }

  Sample next() throws InterruptedException {
    long address = sequence[next++];
    int group = SampleOrder.group(address);
    Map<Integer, Sample> rows = loaded.get(group);
    if (rows == null) {
      rows = files.read(group, wanted.remove(group));
      loaded.put(group, rows);
    }
    boolean again = next < sequence.length && sequence[next] == address;
    int row = SampleOrder.row(address);
    Sample sample = again ? rows.get(row) : rows.remove(row);
    if (rows.isEmpty()) {
      loaded.remove(group);
    }
    return sample;
  }

  /** Encoded samples that are held at the moment. */
  int held() {
    return loaded.values().stream().mapToInt(Map::size).sum();
  }
}
