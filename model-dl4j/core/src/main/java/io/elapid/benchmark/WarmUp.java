package io.elapid.benchmark;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalInt;

/**
 * Runs that are not counted, until the compilers of the JVM have found nothing to do for a while.
 * Before, loops are slower than they will be, and compilers take a core that others want.
 */
public final class WarmUp {
  /** Runs at most. */
  public static final int MOST = 200;

  /** Runs from one look at the compilers to the next. */
  private static final int STRETCH = 10;

  /** Compilers pause before their last rounds. */
  private static final int QUIET_STRETCHES = 2;

  /** A share of the time too small to be seen in a run, as wall time, of which part is waiting. */
  private static final double QUIET = 0.01;

  private WarmUp() {}

  /** So many runs. */
  public interface Stretch<E extends Exception> {
    /** Returns what compilers took of its time, beside it, as a share. */
    double run(int runs) throws E;
  }

  /**
   * Runs until compilers have left.
   *
   * @return how many runs that took; empty if {@link #MOST} were not enough
   */
  public static <E extends Exception> OptionalInt untilCompiled(Stretch<E> stretch) throws E {
    int runs = 0;
    int quiet = 0;
    while (quiet < QUIET_STRETCHES && runs < MOST) {
      quiet = stretch.run(STRETCH) < QUIET ? quiet + 1 : 0;
      runs += STRETCH;
    }
    return quiet < QUIET_STRETCHES ? OptionalInt.empty() : OptionalInt.of(runs);
  }

  /** The same in this process. */
  public static OptionalInt untilCompiled(Runnable run) {
    Stretch<RuntimeException> stretch =
        runs -> {
          Clock clock = new Clock();
          for (int i = 0; i < runs; i++) {
            run.run();
          }
          return clock.compiling();
        };
    return untilCompiled(stretch);
  }

  /** Tells what the compilers of this process have taken of the time since it was made. */
  public static final class Clock {
    private final long start = System.nanoTime();
    private final double before = compilingSeconds();

    /** The share; 0 where the JVM does not tell. */
    public double compiling() {
      return (compilingSeconds() - before) / ((System.nanoTime() - start) / 1e9);
    }

    private static double compilingSeconds() {
      CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
      boolean told = compilers != null && compilers.isCompilationTimeMonitoringSupported();
      return told ? compilers.getTotalCompilationTime() / 1e3 : 0;
    }
  }
}
