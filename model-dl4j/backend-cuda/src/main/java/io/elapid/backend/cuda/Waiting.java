package io.elapid.backend.cuda;

import io.elapid.kernel.DeviceSums.Patience;
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

  private Waiting() {}

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
