package io.elapid.data.source;

import io.elapid.data.SplitMix;

/** A surface: two colours mixed by a pattern of random kind, pitch and direction. */
final class Texture {
  private enum Pattern {
    PLAIN,
    GRADIENT,
    STRIPES,
    CHECKS,
    NOISE
  }

  private static final Pattern[] PATTERNS = Pattern.values();

  private final Pattern pattern;
  private final float[] first;
  private final float[] second;
  private final double cos;
  private final double sin;
  private final double frequency;
  private final long seed;

  /**
   * A random texture.
   *
   * @param first main colour, three numbers 0..255
   * @param second the colour mixed into it
   * @param pitch size of the pattern's period in pixels
   */
  Texture(SplitMix random, float[] first, float[] second, double pitch) {
    this.pattern = PATTERNS[random.nextInt(PATTERNS.length)];
    this.first = first;
    this.second = second;
    double angle = random.uniform(0, 2 * StrictMath.PI);
    this.cos = StrictMath.cos(angle);
    this.sin = StrictMath.sin(angle);
    this.frequency = 1 / pitch;
    this.seed = random.nextLong();
  }

  /** Writes the colour at a pixel into {@code out}. */
  void at(double x, double y, float[] out) {
    float share = (float) share(x, y);
    for (int c = 0; c < out.length; c++) {
      out[c] = first[c] + share * (second[c] - first[c]);
    }
  }

  private double share(double x, double y) {
    double u = (x * cos + y * sin) * frequency;
    double v = (y * cos - x * sin) * frequency;
    return switch (pattern) {
      case PLAIN -> 0;
      case GRADIENT -> Math.abs(u / 4 - 2 * Math.floor(u / 8 + 0.5));
      case STRIPES -> even(u) ? 0 : 1;
      case CHECKS -> even(u) == even(v) ? 0 : 1;
      case NOISE -> noise(u, v);
    };
  }

  private static boolean even(double value) {
    return ((long) Math.floor(value) & 1) == 0;
  }

  /** Value noise: random numbers on a grid, smoothly interpolated. */
  private double noise(double u, double v) {
    long iu = (long) Math.floor(u);
    long iv = (long) Math.floor(v);
    double fu = smooth(u - iu);
    double fv = smooth(v - iv);
    double top = lattice(iu, iv) * (1 - fu) + lattice(iu + 1, iv) * fu;
    double bottom = lattice(iu, iv + 1) * (1 - fu) + lattice(iu + 1, iv + 1) * fu;
    return top * (1 - fv) + bottom * fv;
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }

  private double lattice(long u, long v) {
    return (SplitMix.mix(seed + u * 0x9E3779B97F4A7C15L + v * 0xD1B54A32D192ED03L) >>> 11)
        * 0x1.0p-53;
  }
}
