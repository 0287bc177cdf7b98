package io.elapid.task.evaluation;

/** Sizes of objects that are counted separately, in square pixels, both ends included. */
enum AreaRange {
  ALL(0, 0, 1e10),
  SMALL(1, 0, 32 * 32),
  MEDIUM(2, 32 * 32, 96 * 96),
  LARGE(3, 96 * 96, 1e10);

  /** How many there are. */
  static final int COUNT = 4;

  private final int index;
  private final double low;
  private final double high;

  AreaRange(int index, double low, double high) {
    this.index = index;
    this.low = low;
    this.high = high;
  }

  /** Where arrays by range hold this one. */
  int index() {
    return index;
  }

  boolean contains(double area) {
    return area >= low && area <= high;
  }
}
