package io.elapid.cli;

import io.elapid.data.InputException;

/** Sane ranges of options. */
final class Limits {
  static final int BATCH = 4096;
  static final int THREADS = 1024;
  static final int RUNS = 100_000;
  static final int ANSWERS = 100_000;
  static final int MIN_SIDE = 16;
  static final int MAX_SIDE = 4096;

  private Limits() {}

  /**
   * Returns {@code value}.
   *
   * @throws InputException if it is smaller than {@code least} or larger than {@code most}
   */
  static int require(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new InputException(
          "%s %d is out of range".formatted(option, value),
          "give a number from %d to %d".formatted(least, most));
    }
    return value;
  }
}
