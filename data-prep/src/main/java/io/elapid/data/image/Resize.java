package io.elapid.data.image;

import java.util.Arrays;

/**
 * Pillow's resampling: separable, antialiased (the filter's support grows with the down-scale
 * factor), columns before rows, weights in fixed point and rounding to 8 bits after each pass.
 */
public final class Resize {
  /** 32 bits less 8 for the value and 2 for the overshoot of negative lobes. */
  static final int PRECISION = 22;

  static final int HALF = 1 << (PRECISION - 1);

  /** The interpolating function and how far it reaches on either side at scale 1. */
  public enum Filter {
    BILINEAR(1.0) {
      @Override
      double at(double distance) {
        double x = Math.abs(distance);
        return x < 1.0 ? 1.0 - x : 0.0;
      }
    },
    /** Keys' cubic convolution with a = -0.5. */
    BICUBIC(2.0) {
      @Override
      double at(double distance) {
        double a = -0.5;
        double x = Math.abs(distance);
        if (x < 1.0) {
          return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
        }
        return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * a : 0.0;
      }
    };

    private final double support;

    Filter(double support) {
      this.support = support;
    }

    abstract double at(double distance);
  }

  private Resize() {}

  /** The whole picture at another size; the same object when the size is already right. */
  public static Image resize(Image image, int width, int height, Filter filter) {
    return resize(image, 0, 0, image.width(), image.height(), width, height, filter);
  }

  /**
   * The rectangle of {@code cropWidth} x {@code cropHeight} pixels at (x, y), cut out and then
   * resized: pixels outside the rectangle do not bleed in.
   */
  public static Image resize(
      Image image,
      int x,
      int y,
      int cropWidth,
      int cropHeight,
      int width,
      int height,
      Filter filter) {
    if (x < 0
        || y < 0
        || cropWidth <= 0
        || cropHeight <= 0
        || x + cropWidth > image.width()
        || y + cropHeight > image.height()) {
      throw new IllegalArgumentException(
          "rectangle %d,%d %dx%d is outside a picture of %dx%d"
              .formatted(x, y, cropWidth, cropHeight, image.width(), image.height()));
    }
    if (width == cropWidth && height == cropHeight) {
      return crop(image, x, y, cropWidth, cropHeight);
    }
    Region region = new Region(x, y, cropWidth, cropHeight);
    return Vectors.AVAILABLE
        ? VectorResize.resize(image, region, width, height, filter)
        : plain(image, region, width, height, filter);
  }

  /** Pixel by pixel. */
  static Image plain(Image image, Region from, int width, int height, Filter filter) {
    Image columns = columns(image, from.x(), from.y(), from.width(), from.height(), width, filter);
    return height == from.height() ? columns : rows(columns, height, filter);
  }

  private static Image columns(
      Image image, int x, int y, int cropWidth, int cropHeight, int width, Filter filter) {
    if (width == cropWidth) {
      return crop(image, x, y, cropWidth, cropHeight);
    }
    Weights weights = Weights.of(cropWidth, width, filter);
    byte[] in = image.rgb();
    byte[] out = new byte[width * cropHeight * Image.CHANNELS];
    int to = 0;
    for (int row = 0; row < cropHeight; row++) {
      int start = ((y + row) * image.width() + x) * Image.CHANNELS;
      for (int column = 0; column < width; column++, to += Image.CHANNELS) {
        int from = start + weights.first[column] * Image.CHANNELS;
        int weight = weights.start(column);
        int red = HALF;
        int green = HALF;
        int blue = HALF;
        for (int end = weight + weights.count[column]; weight < end; weight++) {
          int w = weights.fixed[weight];
          red += (in[from] & 0xFF) * w;
          green += (in[from + 1] & 0xFF) * w;
          blue += (in[from + 2] & 0xFF) * w;
          from += Image.CHANNELS;
        }
        out[to] = clip(red);
        out[to + 1] = clip(green);
        out[to + 2] = clip(blue);
      }
    }
    return new Image(width, cropHeight, out);
  }

  private static Image rows(Image image, int height, Filter filter) {
    Weights weights = Weights.of(image.height(), height, filter);
    int rowBytes = image.width() * Image.CHANNELS;
    byte[] in = image.rgb();
    byte[] out = new byte[height * rowBytes];
    int[] sums = new int[rowBytes];
    for (int row = 0; row < height; row++) {
      Arrays.fill(sums, HALF);
      for (int k = 0; k < weights.count[row]; k++) {
        int w = weights.fixed[weights.start(row) + k];
        int from = (weights.first[row] + k) * rowBytes;
        for (int i = 0; i < rowBytes; i++) {
          sums[i] += (in[from + i] & 0xFF) * w;
        }
      }
      int to = row * rowBytes;
      for (int i = 0; i < rowBytes; i++) {
        out[to + i] = clip(sums[i]);
      }
    }
    return new Image(image.width(), height, out);
  }

  /** The rectangle itself; the same object when it is the whole picture. */
  public static Image crop(Image image, int x, int y, int width, int height) {
    if (x == 0 && y == 0 && width == image.width() && height == image.height()) {
      return image;
    }
    byte[] out = new byte[width * height * Image.CHANNELS];
    int rowBytes = width * Image.CHANNELS;
    for (int row = 0; row < height; row++) {
      int from = ((y + row) * image.width() + x) * Image.CHANNELS;
      System.arraycopy(image.rgb(), from, out, row * rowBytes, rowBytes);
    }
    return new Image(width, height, out);
  }

  private static byte clip(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> PRECISION));
  }

  /** For each output position: the first input position, how many follow, and their weights. */
  static final class Weights {
    private final int[] first;
    private final int[] count;
    private final int[] fixed;
    private final int stride;

    private Weights(int out, int stride) {
      this.first = new int[out];
      this.count = new int[out];
      this.fixed = new int[Math.multiplyExact(out, stride)];
      this.stride = stride;
    }

    /** Output positions. */
    int size() {
      return first.length;
    }

    int first(int position) {
      return first[position];
    }

    int count(int position) {
      return count[position];
    }

    /** Where the weights of a position begin in {@link #fixed}. */
    int start(int position) {
      return position * stride;
    }

    /** Weights x 2^{@value #PRECISION}; not copied. */
    int[] fixed() {
      return fixed;
    }

    static Weights of(int in, int out, Filter filter) {
      double scale = (double) in / out;
      double widening = Math.max(scale, 1.0);
      double support = filter.support * widening;
      Weights weights = new Weights(out, (int) Math.ceil(support) * 2 + 1);
      double[] exact = new double[weights.stride];
      for (int i = 0; i < out; i++) {
        double center = (i + 0.5) * scale;
        int first = Math.max(0, (int) (center - support + 0.5));
        int count = Math.min(in, (int) (center + support + 0.5)) - first;
        double sum = 0.0;
        for (int k = 0; k < count; k++) {
          exact[k] = filter.at((k + first - center + 0.5) / widening);
          sum += exact[k];
        }
        for (int k = 0; k < count; k++) {
          double fixed = (sum == 0.0 ? exact[k] : exact[k] / sum) * (1 << PRECISION);
          weights.fixed[i * weights.stride + k] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
        }
        weights.first[i] = first;
        weights.count[i] = count;
      }
      return weights;
    }
  }
}
