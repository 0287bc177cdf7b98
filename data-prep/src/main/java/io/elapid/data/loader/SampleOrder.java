package io.elapid.data.loader;

import io.elapid.data.SplitMix;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which sample stands where in an epoch, as a pure function of seed, epoch and position.
 *
 * <p>The data set is stored shuffled. Epoch e permutes its row groups by (seed, e); of their M
 * rows, laid end to end, virtual shard v of V owns positions v M / V to (v + 1) M / V, cut to the
 * same number of whole batches for all (what is left over is another remainder in every epoch).
 * Within its share a shard shuffles through a sliding window: rows are drawn at random from a pool
 * that is refilled with the next row group as soon as it fits. So a shard reads each of its row
 * groups once, holds a bounded number of rows, and nothing depends on how many ranks there are.
 *
 * <p>The windows of all shards together span about {@value #WINDOW_GROUPS} row groups, so that even
 * a single rank with every shard stays within {@value #WINDOW_GROUPS} x the size of a row group. A
 * global batch mixes all windows, so fewer groups per window with more shards mix no worse.
 */
public final class SampleOrder {
  static final int WINDOW_GROUPS = 32;
  private static final int MAX_WINDOW = 8;

  private static final long GROUP_ORDER = 1;
  private static final long ROW_ORDER = 2;
  private static final long CUT_ORDER = 4;

  private final int[] groupRows;
  private final int shards;
  private final int samplesPerShard;
  private final long seed;
  private final int repeats;
  private final long rows;
  private final int window;

  /**
   * An order of all rows of a split.
   *
   * @param groupRows rows of each row group
   * @param shards V, the virtual shards of a global batch
   * @param samplesPerShard samples of one virtual shard in one step
   */
  public SampleOrder(int[] groupRows, int shards, int samplesPerShard, long seed) {
    this(groupRows, shards, samplesPerShard, seed, 1);
  }

  /**
   * An order that shows each row {@code repeats} times and leaves the rest of the rows for other
   * epochs (repeated augmentation, Hoffer et al. 2020). An epoch has as many steps as without.
   *
   * <p>As many shards as there are repeats show the same rows in the same order, so that all views
   * of a row are in one step, but what is computed within a shard (batch norm, mixing) meets a row
   * once, as on the replicas of the published sampler. Of shards that are left over, each shows its
   * rows so many times in a row.
   */
  public SampleOrder(int[] groupRows, int shards, int samplesPerShard, long seed, int repeats) {
    this.repeats = repeats;
    this.groupRows = groupRows.clone();
    this.shards = shards;
    this.samplesPerShard = samplesPerShard;
    this.seed = seed;
    this.rows = Arrays.stream(groupRows).asLongStream().sum();
    int largest = Arrays.stream(groupRows).max().orElse(1);
    this.window = Math.max(1, Math.min(MAX_WINDOW, WINDOW_GROUPS / shards)) * largest;
  }

  /** Rows in all row groups. */
  public long rows() {
    return rows;
  }

  /** Whole global batches in an epoch; 0 if the data set is smaller than one. */
  public long stepsPerEpoch() {
    return rows / shards / samplesPerShard;
  }

  /** The most rows of a shard that are in use at the same time. */
  int windowRows() {
    return window;
  }

  /**
   * The rows of one virtual shard in one epoch, in order: {@code samplesPerShard} for each step.
   *
   * @return {@link #address addresses}
   */
  public long[] sequence(long epoch, int shard) {
    int[] groups = permutedGroups(epoch);
    Share share = share(shard);
    long[] order = new long[Math.toIntExact(share.to() - share.from())];
    Window pool = new Window(window, SplitMix.derive(seed, ROW_ORDER, epoch, share.owner()));
    int drawn = 0;
    long start = 0;
    for (int group : groups) {
      long end = start + groupRows[group];
      int first = (int) (Math.max(share.from(), start) - start);
      int last = (int) (Math.min(share.to(), end) - start);
      if (first < last) {
        while (!pool.fits(last - first)) {
          order[drawn++] = pool.draw();
        }
        pool.add(group, rowsOf(group, first, last, epoch));
      }
      start = end;
    }
    while (drawn < order.length) {
      order[drawn++] = pool.draw();
    }
    long[] sequence = new long[Math.toIntExact(stepsPerEpoch() * samplesPerShard)];
    Arrays.setAll(sequence, i -> order[i / share.times()]);
    return sequence;
  }

  /**
   * Which of an epoch's rows a shard shows.
   *
   * @param owner the first of the shards that show them
   * @param from the first of them, in the order of the epoch
   * @param to behind the last
   * @param times how often in a row each is shown
   */
  private record Share(int owner, long from, long to, int times) {}

  private Share share(int shard) {
    int first = shard - shard % repeats;
    return first + repeats <= shards ? share(first, repeats, 1) : share(shard, 1, repeats);
  }

  private Share share(int owner, int owners, int times) {
    return new Share(owner, owner * rows / shards, (owner + owners) * rows / shards, times);
  }

  private int[] permutedGroups(long epoch) {
    return permuted(groupRows.length, SplitMix.derive(seed, GROUP_ORDER, epoch));
  }

  /**
   * The rows that stand at positions {@code first} to {@code last} - 1 of a group. Were a group
   * that shards share always cut into the same rows, then of few groups a shard would show the same
   * rows in every epoch; and of repeats, which show the beginning of a share alone, those at a
   * group's end would be shown in far more epochs than the others.
   */
  private int[] rowsOf(int group, int first, int last, long epoch) {
    boolean whole = last - first == groupRows[group];
    boolean many = groupRows.length >= shards;
    if (whole || (many && repeats == 1)) {
      return IntStream.range(first, last).toArray();
    }
    int[] order = permuted(groupRows[group], SplitMix.derive(seed, CUT_ORDER, epoch, group));
    return Arrays.copyOfRange(order, first, last);
  }

  private static int[] permuted(int length, long seed) {
    int[] order = new int[length];
    SplitMix random = new SplitMix(seed);
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** Positions {@code from} to {@code to} - 1 of all rows in stored order, for evaluation. */
  public static long[] stored(int[] groupRows, long from, long to) {
    long[] addresses = new long[Math.toIntExact(to - from)];
    int filled = 0;
    long start = 0;
    for (int group = 0; group < groupRows.length; group++) {
      long end = start + groupRows[group];
      for (long p = Math.max(from, start); p < Math.min(to, end); p++) {
        addresses[filled++] = address(group, (int) (p - start));
      }
      start = end;
    }
    return addresses;
  }

  /** A row group's index and a row's index within it, as one number. */
  static long address(int group, int row) {
    return (long) group << 32 | row;
  }

  static int group(long address) {
    return (int) (address >>> 32);
  }

  static int row(long address) {
    return (int) address;
  }

  /** The rows that may come next. */
  private static final class Window {
    private final long[] pool;
    private final SplitMix random;
    private int size;

    Window(int capacity, long seed) {
      this.pool = new long[capacity];
      this.random = new SplitMix(seed);
    }

    boolean fits(int rows) {
      return size + rows <= pool.length;
    }

    void add(int group, int[] rows) {
      for (int row : rows) {
        pool[size++] = address(group, row);
      }
    }

    long draw() {
      int chosen = random.nextInt(size);
      long address = pool[chosen];
      pool[chosen] = pool[--size];
      return address;
    }
  }
}
