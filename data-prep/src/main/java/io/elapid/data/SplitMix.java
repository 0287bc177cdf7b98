package io.elapid.data;

/**
 * A small generator of pseudo-random numbers whose every output is fixed for ever: Steele, Lea and
 * Flood's SplitMix64.
 *
 * <p>Sample order, augmentation and generated pictures must come out the same on every machine and
 * Java release, so none of them may lean on the library's generators. A generator is cheap enough
 * to be made for a single sample. Not safe for concurrent use.
 */
public final class SplitMix {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  public SplitMix(long seed) {
    this.state = seed;
  }

  /** Scrambles 64 bits so that every input bit reaches every output bit; a bijection. */
  public static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A seed for the stream named by {@code keys} under {@code seed}; the keys' order matters. */
  public static long derive(long seed, long... keys) {
    long derived = mix(seed + GOLDEN_GAMMA);
    for (long key : keys) {
      derived = mix((derived ^ mix(key + GOLDEN_GAMMA)) + GOLDEN_GAMMA);
    }
    return derived;
  }

  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** True or false, equally often. */
  public boolean nextBoolean() {
    return nextLong() < 0;
  }

  /** Uniform in [0, 1) with 53 bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in [low, high). */
  public double uniform(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /** Uniform in 0..bound-1; bound must be positive. */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive, not " + bound);
    }
    // Multiply-shift on 32 bits: the bias is below 2^-32 x bound, far under anything a shuffle
    // shows.
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }
}
