package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.collective.Collective;
import io.elapid.collective.PeerSettings.Protection;
import io.elapid.collective.TreeSum;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Times all-reduces over loopback sockets against sockets that only copy. */
final class AllReduceBench {
  /** At least, before the clock. */
  private static final int WARM_UP_RUNS = 5;

  private static final double MEGA = 1e6;

  /** What one rank saw. */
  private record Seen(Times times, long sent, long received) {}

  private final int ranks;
  private final int warmUpMegabytes;
  private final int runs;
  private final PrintStream out;

  AllReduceBench(int ranks, int warmUpMegabytes, int runs, PrintStream out) {
    this.ranks = ranks;
    this.warmUpMegabytes = warmUpMegabytes;
    this.runs = runs;
    this.out = out;
  }

  void run(List<Integer> megabytes) throws Exception {
    out.printf(
        "%d ranks, medians of %d runs; GB/s a rank: what it sends, over the time%n", ranks, runs);
    out.printf(
        "%6s  %12s  %12s  %8s  %12s  %8s  %14s  %10s  %14s%n",
        "MB",
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
    int warmUp = Math.max(WARM_UP_RUNS, warmUpMegabytes / megabytes);
    double least = 2.0 * (ranks - 1) / ranks * length * Float.BYTES;
    Times copy = LoopbackCopy.times(ranks, (long) least / (ranks - 1), warmUp, runs);
    List<Seen> clear = sums(Protection.AUTHENTICATED, length, warmUp);
    List<Seen> tls = sums(Protection.ENCRYPTED, length, warmUp);
    double copySpeed = least / copy.median();
    double clearSpeed = least / clear.get(0).times().median();
    double tlsSpeed = least / tls.get(0).times().median();
    long sent = clear.stream().mapToLong(Seen::sent).max().orElseThrow();
    long received = clear.stream().mapToLong(Seen::received).max().orElseThrow();
    out.printf(
        "%6d  %12.2f  %12.2f  %8.2f  %12.2f  %8.2f  %14.2f  %10.3f  %14.2f%n",
        megabytes,
        copySpeed,
        clearSpeed,
        clearSpeed / copySpeed,
        tlsSpeed,
        tlsSpeed / copySpeed,
        sent / MEGA,
        sent / least,
        received / MEGA);
  }

  private List<Seen> sums(Protection protection, int length, int warmUp) throws Exception {
    return LoopbackRanks.run(ranks, protection, collective -> sums(collective, length, warmUp));
  }

  private Seen sums(Collective collective, int length, int warmUp) {
    TreeSum sum = TreeSum.forRank(ranks, collective.rank(), ranks, length);
    ByteBuffer leaf = floats(length);
    ByteBuffer result = floats(length);
    long[] nanos = new long[runs];
    long sent = 0;
    long received = 0;
    for (int run = -warmUp; run < runs; run++) {
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
    return new Seen(new Times(nanos), sent, received);
  }

  private static ByteBuffer floats(int count) {
    return ByteBuffer.allocateDirect(count * Float.BYTES).order(ByteOrder.nativeOrder());
  }
}
