package io.elapid.analysis;

/**
 * How strong each spatial frequency is in some maps: {@code ln(|F| + 1e-6)} of the two-dimensional
 * discrete Fourier transform F of every map, averaged over pictures and channels, as Park and Kim
 * ("How Do Vision Transformers Work?", ICLR 2022) plot it.
 *
 * @param logAmplitude (height, width), row by row, with frequency zero at row {@code height / 2}
 *     and column {@code width / 2}
 */
public record Spectrum(int height, int width, double[] logAmplitude) {
  private static final double FLOOR = 1e-6;

  /** The spectrum of maps. */
  public static Spectrum of(Maps maps) {
    int height = maps.height();
    int width = maps.width();
    Twiddles rows = new Twiddles(width);
    Twiddles columns = new Twiddles(height);
    double[] sum = new double[height * width];
    double[] plane = new double[height * width];
    for (int p = 0; p < maps.planes(); p++) {
      for (int i = 0; i < plane.length; i++) {
        plane[i] = maps.values()[p * plane.length + i];
      }
      add(plane, rows, columns, sum);
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= maps.planes();
    }
    return new Spectrum(height, width, sum);
  }

  /** Transforms the rows of one map, then its columns. */
  private static void add(double[] plane, Twiddles rows, Twiddles columns, double[] sum) {
    int width = rows.length;
    int height = columns.length;
    double[] real = new double[plane.length];
    double[] imaginary = new double[plane.length];
    for (int y = 0; y < height; y++) {
      for (int u = 0; u < width; u++) {
        double re = 0;
        double im = 0;
        for (int x = 0; x < width; x++) {
          re += plane[y * width + x] * rows.cosine(u, x);
          im -= plane[y * width + x] * rows.sine(u, x);
        }
        real[y * width + u] = re;
        imaginary[y * width + u] = im;
      }
    }
    for (int v = 0; v < height; v++) {
      for (int u = 0; u < width; u++) {
        double re = 0;
        double im = 0;
        for (int y = 0; y < height; y++) {
          double c = columns.cosine(v, y);
          double s = columns.sine(v, y);
          re += real[y * width + u] * c + imaginary[y * width + u] * s;
          im += imaginary[y * width + u] * c - real[y * width + u] * s;
        }
        int row = (v + height / 2) % height;
        int column = (u + width / 2) % width;
        sum[row * width + column] += Math.log(Math.hypot(re, im) + FLOOR);
      }
    }
  }

  /** Log amplitude at a frequency, counted from the one in the middle. */
  public double at(int vertical, int horizontal) {
    return logAmplitude[(height / 2 + vertical) * width + width / 2 + horizontal];
  }

  /**
   * The relative log amplitude along the diagonal: that of frequency (k, k) minus that of frequency
   * zero, for k = 0, 1, ...; element k belongs to the frequency {@link #frequency(int)}.
   *
   * @throws IllegalArgumentException if the maps are not square
   */
  public double[] relative() {
    if (height != width) {
      throw new IllegalArgumentException("no diagonal: " + height + " x " + width);
    }
    double[] relative = new double[(height + 1) / 2];
    for (int k = 0; k < relative.length; k++) {
      relative[k] = at(k, k) - at(0, 0);
    }
    return relative;
  }

  /** The frequency of element k of {@link #relative()} as a share of the highest, pi. */
  public double frequency(int k) {
    return 2.0 * k / height;
  }

  /** Cosines and sines of all multiples of the base frequency. */
  private static final class Twiddles {
    private final int length;
    private final double[] cosines;

    Twiddles(int length) {
      this.length = length;
      this.cosines = new double[2 * length];
      for (int i = 0; i < length; i++) {
        cosines[i] = Math.cos(2 * Math.PI * i / length);
        cosines[length + i] = Math.sin(2 * Math.PI * i / length);
      }
    }

    double cosine(int frequency, int position) {
      return cosines[frequency * position % length];
    }

    double sine(int frequency, int position) {
      return cosines[length + frequency * position % length];
    }
  }
}
