package io.elapid.backend.cuda;

import io.elapid.kernel.DeviceSums;
import java.time.Duration;

/** Waiting for sums that ends. */
final class LimitedPatience {
  /** It has ended. */
  static final class GaveUpException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private LimitedPatience() {}

  static DeviceSums.Patience until(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    return () -> {
      if (System.nanoTime() > deadline) {
        throw new GaveUpException();
      }
    };
  }
}
