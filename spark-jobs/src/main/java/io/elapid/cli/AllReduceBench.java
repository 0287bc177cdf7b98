package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.collective.Collective;
import io.elapid.collective.PeerSettings.Protection;
import io.elapid.collective.TreeSum;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Times all-reduces over loopback sockets against sockets that only copy. */
final class AllReduceBench {
  /** At least, before the clock. */
  private static final int WARM_UP_RUNS = 5;

  /** So often copies, sums in clear text and sums through TLS take turns. */
  private static final int TURNS = 5;

  /** Megabytes of each kind on the clock, where no number of runs is asked for... */
  private static final int DEFAULT_MEGABYTES = 500;

  /** ...and runs at least. */
  private static final int DEFAULT_RUNS = 15;

  private static final double MEGA = 1e6;

  /** What one rank saw. */
  private record Seen(long[] nanos, long sent, long received) {}

  /** What each kind took, turn after turn. */
  private record Turns(List<long[]> copies, List<List<Seen>> clear, List<List<Seen>> tls) {
    /** Rank 0's median. */
    static double median(List<List<Seen>> turns) {
      return medianOf(turns.stream().map(ranks -> ranks.get(0).nanos()).toList());
    }

    static double medianOf(List<long[]> turns) {
      return new Times(turns.stream().flatMapToLong(Arrays::stream).toArray()).median();
    }
  }

  private final int ranks;
  private final int warmUpMegabytes;
  private final OptionalInt runs;
  private final PrintStream out;

  /**
   * @param runs on the clock; if none are named, as many as sum 500 MB, and at least 15
   */
  AllReduceBench(int ranks, int warmUpMegabytes, OptionalInt runs, PrintStream out) {
    this.ranks = ranks;
    this.warmUpMegabytes = warmUpMegabytes;
    this.runs = runs;
    this.out = out;
  }

  void run(List<Integer> megabytes) throws Exception {
    out.printf(
        "%d ranks, medians in %d turns; GB/s a rank: what it sends, over the time%n", ranks, TURNS);
    out.printf(
        "%6s  %5s  %12s  %12s  %8s  %12s  %8s  %14s  %10s  %14s%n",
        "MB",
        "runs",
        "copy GB/s",
        "clear GB/s",
        "of copy",
        "TLS GB/s",
        "of copy",
        "sent MB/rank",
        "of least",
        "most received");
    for (int size : megabytes) {
      line(size);
    }
    out.println(
        "least: 2 (N-1)/N of the vector, which is what a rank must send however the sum is made");
  }

  private void line(int megabytes) throws Exception {
    int length = (int) (megabytes * MEGA / Float.BYTES);
    double least = 2.0 * (ranks - 1) / ranks * length * Float.BYTES;
    int all = runs.orElse(Math.max(DEFAULT_RUNS, DEFAULT_MEGABYTES / megabytes));
    int turns = Math.min(TURNS, all);
    Turns taken = new Turns(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int turn = 0; turn < turns; turn++) {
      int count = all * (turn + 1) / turns - all * turn / turns;
      int before = turn > 0 ? WARM_UP_RUNS : Math.max(WARM_UP_RUNS, warmUpMegabytes / megabytes);
      taken.copies().add(LoopbackCopy.nanos(ranks, (long) least / (ranks - 1), before, count));
      taken.clear().add(sums(Protection.AUTHENTICATED, length, before, count));
      taken.tls().add(sums(Protection.ENCRYPTED, length, before, count));
    }
    double copySpeed = least / Turns.medianOf(taken.copies());
    double clearSpeed = least / Turns.median(taken.clear());
    double tlsSpeed = least / Turns.median(taken.tls());
    List<Seen> clear = taken.clear().get(0);
    long sent = clear.stream().mapToLong(Seen::sent).max().orElseThrow();
    long received = clear.stream().mapToLong(Seen::received).max().orElseThrow();
    out.printf(
        "%6d  %5d  %12.2f  %12.2f  %8.2f  %12.2f  %8.2f  %14.2f  %10.3f  %14.2f%n",
        megabytes,
        all,
        copySpeed,
        clearSpeed,
        clearSpeed / copySpeed,
        tlsSpeed,
        tlsSpeed / copySpeed,
        sent / MEGA,
        sent / least,
        received / MEGA);
  }

  private List<Seen> sums(Protection protection, int length, int warmUp, int count)
      throws Exception {
    return LoopbackRanks.run(
        ranks, protection, collective -> sums(collective, length, warmUp, count));
  }

  private Seen sums(Collective collective, int length, int warmUp, int count) {
    TreeSum sum = TreeSum.forRank(ranks, collective.rank(), ranks, length);
    ByteBuffer leaf = floats(length);
    ByteBuffer result = floats(length);
    long[] nanos = new long[count];
    long sent = 0;
    long received = 0;
    for (int run = -warmUp; run < count; run++) {
      sum.add(sum.first(), leaf);
      collective.barrier();
      sent = collective.bytesSent();
      received = collective.bytesReceived();
      long start = System.nanoTime();
      collective.allReduce(sum, result);
      if (run >= 0) {
        nanos[run] = System.nanoTime() - start;
      }
      sent = collective.bytesSent() - sent;
      received = collective.bytesReceived() - received;
    }
    return new Seen(nanos, sent, received);
  }

  private static ByteBuffer floats(int count) {
    return ByteBuffer.allocateDirect(count * Float.BYTES).order(ByteOrder.nativeOrder());
  }
}
