package io.elapid.cli;

import io.elapid.benchmark.Times;
import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Two sides measured A B A B, so that whatever else the machine does meets both.
 *
 * @param first times of A
 * @param second times of B
 * @param ratio how much longer A takes: the median over neighbouring runs
 */
record Turns(Times first, Times second, double ratio) {
  /** Long enough for the waiting threads of the other side to stop spinning. */
  private static final long PAUSE_MILLIS = 10;

  /** Runs both as often as the options say; each returns the nanoseconds that a run took. */
  static Turns take(StepRunOptions options, LongSupplier first, LongSupplier second) {
    long[] a = new long[options.runs()];
    long[] b = new long[options.runs()];
    options.warmUp(() -> turn(first, second));
    for (int i = 0; i < options.runs(); i++) {
      Turn turn = turn(first, second);
      a[i] = turn.first();
      b[i] = turn.second();
    }
    return new Turns(new Times(a), new Times(b), medianRatio(a, b));
  }

  /** Nanoseconds of a run of each. */
  private record Turn(long first, long second) {}

  private static Turn turn(LongSupplier first, LongSupplier second) {
    long one = first.getAsLong();
    pause();
    long other = second.getAsLong();
    pause();
    return new Turn(one, other);
  }

  /** The median over neighbouring runs of how much longer the first takes. */
  static double medianRatio(long[] a, long[] b) {
    double[] ratios = IntStream.range(0, a.length).mapToDouble(i -> (double) a[i] / b[i]).toArray();
    Arrays.sort(ratios);
    int middle = ratios.length / 2;
    return ratios.length % 2 == 1 ? ratios[middle] : (ratios[middle - 1] + ratios[middle]) / 2;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    }
  }
}
