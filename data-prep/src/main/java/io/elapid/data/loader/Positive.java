package io.elapid.data.loader;

/** A check that all settings share. */
final class Positive {
  private Positive() {}

  static void check(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }
}
