package io.elapid.benchmark;

/**
 * The least work of an operation.
 *
 * @param bytes inputs read and outputs written, each once
 * @param exponentials of the decays, and two for each step's softplus, whose logarithm costs about
 *     as much; a gradient computes them again
 * @param products multiply-adds of matrix products
 */
public record Work(double bytes, double exponentials, double products) {

  static Work ofFloats(double floats, double exponentials, double products) {
    return new Work(floats * Float.BYTES, exponentials, products);
  }

  /** Of both. */
  public Work plus(Work other) {
    return new Work(
        bytes + other.bytes, exponentials + other.exponentials, products + other.products);
  }

  /** Nanoseconds it takes at least on a machine of those speeds. */
  public double floor(Speeds speeds) {
    return Math.max(
        bytes / speeds.bytes(),
        Math.max(exponentials / speeds.exponentials(), products / speeds.products()));
  }

  /**
   * Speeds of a machine, all threads together, per nanosecond.
   *
   * @param bytes of memory copied, read and written bytes both counted
   * @param exponentials computed from and to the nearest cache
   * @param products multiply-adds in registers
   */
  public record Speeds(double bytes, double exponentials, double products) {}
}
