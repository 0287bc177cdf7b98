package io.elapid.backend.cuda;

import io.elapid.data.NumberProperty;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.DeviceSums.Patience;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waiting for a device by asking it: the library's own waits know no deadline and may keep a
 * processor busy, which those who load the next batch could use.
 */
final class Waiting {
  /** Questions without a pause: as long as a small sum takes, or the end of a queue. */
  private static final int PROMPT = 1000;

  private static final long PAUSE_NANOS = 20_000;

  private static final NumberProperty SECONDS =
      new NumberProperty(Accelerator.PATIENCE, 1, Integer.MAX_VALUE);

  private Waiting() {}

  /**
   * What {@value Accelerator#PATIENCE} allows.
   *
   * @throws io.elapid.data.InputException if that is no number of seconds
   */
  static long allowedSeconds() {
    return SECONDS.value(Accelerator.PATIENT_SECONDS);
  }

  /** Until something is done, no longer than {@value Accelerator#PATIENCE} allows from now on. */
  static void until(BooleanSupplier done) {
    until(done, patience());
  }

  /**
   * Ends a wait, by a {@link CudaException}, once {@value Accelerator#PATIENCE} has passed from now
   * on, or if the thread is interrupted.
   */
  static Patience patience() {
    return patience(Long.MAX_VALUE);
  }

  /** The same, but no longer than {@code most} seconds. */
  static Patience patience(long most) {
    long start = System.nanoTime();
    return () -> {
      long allowed = allowedSeconds();
      long seconds = Math.min(most, allowed);
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(seconds)) {
        String why =
            seconds == allowed ? ", which -D%s allows".formatted(Accelerator.PATIENCE) : "";
        throw new CudaException("not done after %d s%s".formatted(seconds, why));
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new CudaException("interrupted while it was waited for");
      }
    };
  }

  /**
   * Runs what waits so that what a device uses can be given up: an interrupt that has come before
   * must not keep it from that, and is there again afterwards.
   */
  static void beforeClosing(Runnable wait) {
    boolean interrupted = Thread.interrupted();
    try {
      wait.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Until something is done.
   *
   * @param patience may end it by an exception
   */
  static void until(BooleanSupplier done, Patience patience) {
    for (int asked = 0; !done.getAsBoolean(); asked++) {
      patience.check();
      if (asked < PROMPT) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
