package io.elapid.data.image;

import java.util.Arrays;

/**
 * Memory of one thread for the numbers between two steps of a picture's way. Fresh arrays for every
 * picture would take longer to be cleared and fetched than to be computed on.
 */
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  /** Numbers beyond which memory is not kept: a picture of that size is rare. */
  private static final int KEPT = 1 << 21;

  private final int[][] ints = new int[Use.values().length][0];
  private final byte[][] bytes = new byte[Use.values().length][0];

  /** What an array is for. Two arrays of the same use are never needed at the same time. */
  enum Use {
    FIRST_COMPONENT,
    SECOND_COMPONENT,
    THIRD_COMPONENT,
    COLUMNS,
    RESIZED_COLUMNS,
    ROWS,
    RESIZED_ROWS
  }

  private Scratch() {}

  static Scratch ofThread() {
    return OF_THREAD.get();
  }

  /** At least {@code length} numbers of any value, which the next call for this use gives again. */
  int[] ints(Use use, int length) {
    int[] array = ints[use.ordinal()];
    if (array.length < length) {
      array = new int[length];
      ints[use.ordinal()] = length > KEPT ? ints[use.ordinal()] : array;
    }
    return array;
  }

  /** At least {@code length} zeros. */
  int[] zeros(Use use, int length) {
    int[] array = ints(use, length);
    Arrays.fill(array, 0, length, 0);
    return array;
  }

  /** As {@link #ints}. */
  byte[] bytes(Use use, int length) {
    byte[] array = bytes[use.ordinal()];
    if (array.length < length) {
      array = new byte[length];
      bytes[use.ordinal()] = length > KEPT ? bytes[use.ordinal()] : array;
    }
    return array;
  }
}
