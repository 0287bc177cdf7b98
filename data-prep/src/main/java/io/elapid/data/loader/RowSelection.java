package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.image.Size;
import io.elapid.data.shard.RowFacts;
import io.elapid.data.shard.ShardSummary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/**
 * Which rows of a split training shows, and which of them share a batch.
 *
 * <p>{@link SampleOrder} orders the selected rows as if there were no others; {@link #arrange}
 * turns its addresses into those of stored rows.
 */
final class RowSelection {
  private final int[][] rows;
  private final List<Size[]> sizes;

  /** {@code rows}: of each row group, those that are selected; no sizes where nobody asks. */
  private RowSelection(int[][] rows, List<Size[]> sizes) {
    this.rows = rows;
    this.sizes = sizes;
  }

  /** Every row. */
  static RowSelection all(int[] groupRows) {
    int[][] rows =
        Arrays.stream(groupRows)
            .mapToObj(count -> IntStream.range(0, count).toArray())
            .toArray(int[][]::new);
    return new RowSelection(rows, List.of());
  }

  /** Every row, with its size. */
  static RowSelection every(SplitOpening split) {
    return read(split, (facts, row) -> true);
  }

  /** The rows that training shows, with their sizes: of kinds without objects every row. */
  static RowSelection trainedOn(SplitOpening split) {
    return read(split, RowFacts::isTrainedOn);
  }

  private static RowSelection read(SplitOpening split, BiPredicate<RowFacts, Integer> wanted) {
    List<int[]> rows = new ArrayList<>();
    List<Size[]> sizes = new ArrayList<>();
    for (ShardSummary shard : split.manifest().shards(split.split())) {
      RowFacts facts = facts(split, shard);
      int start = 0;
      for (int count : shard.rowGroupRows()) {
        int first = start;
        rows.add(
            IntStream.range(0, count).filter(row -> wanted.test(facts, first + row)).toArray());
        sizes.add(
            IntStream.range(0, count)
                .mapToObj(row -> facts.size(first + row))
                .toArray(Size[]::new));
        start += count;
      }
    }
    return new RowSelection(rows.toArray(int[][]::new), sizes);
  }

  private static RowFacts facts(SplitOpening split, ShardSummary shard) {
    Path file = new Path(split.dataset(), shard.file());
    try {
      RowFacts facts = RowFacts.read(split.conf(), file, split.manifest().kind());
      if (facts.rows() != shard.rows()) {
        throw new IOException(
            "it has " + facts.rows() + " rows, the manifest says " + shard.rows());
      }
      return facts;
    } catch (IOException e) {
      throw new InputException(
          "cannot read " + file + ": " + e.getMessage(),
          "restore the file or prepare the data set again into an empty folder",
          e);
    }
  }

  /** Selected rows of every row group. */
  int[] groupRows() {
    return Arrays.stream(rows).mapToInt(selected -> selected.length).toArray();
  }

  /** How many of the selected pictures have which size. */
  Map<Size, Long> sizes() {
    Map<Size, Long> counts = new HashMap<>();
    for (int group = 0; group < rows.length; group++) {
      for (int row : rows[group]) {
        counts.merge(sizes.get(group)[row], 1L, Long::sum);
      }
    }
    return counts;
  }

  /**
   * Stored rows in the order of a virtual shard's batches.
   *
   * @param sequence of {@link SampleOrder}: whole batches
   */
  long[] arrange(long[] sequence, int batch, Grouping grouping) {
    long[] stored =
        Arrays.stream(sequence)
            .map(
                address -> {
                  int group = SampleOrder.group(address);
                  return SampleOrder.address(group, rows[group][SampleOrder.row(address)]);
                })
            .toArray();
    return switch (grouping) {
      case NONE -> stored;
      case ASPECT_RATIO -> grouped(stored, batch);
    };
  }

  /** Batches of one aspect as soon as one is full; what is left over at the end is mixed. */
  private long[] grouped(long[] stored, int batch) {
    long[] arranged = new long[stored.length];
    long[][] waiting = new long[2][batch];
    int[] count = new int[2];
    int filled = 0;
    for (long address : stored) {
      Size size = sizes.get(SampleOrder.group(address))[SampleOrder.row(address)];
      int aspect = size.width() >= size.height() ? 0 : 1;
      waiting[aspect][count[aspect]++] = address;
      if (count[aspect] == batch) {
        System.arraycopy(waiting[aspect], 0, arranged, filled, batch);
        filled += batch;
        count[aspect] = 0;
      }
    }
    for (int aspect = 0; aspect < 2; aspect++) {
      System.arraycopy(waiting[aspect], 0, arranged, filled, count[aspect]);
      filled += count[aspect];
    }
    return arranged;
  }
}
