package io.elapid.data.augment;

import io.elapid.data.image.Image;
import io.elapid.data.image.Resize;
import java.util.Arrays;

/** Pillow's operations on single pixels, to the bit. None changes the given picture. */
final class PixelOps {
  private static final int VALUES = 256;
  private static final int ALL = 255;

  private PixelOps() {}

  /** Stretches each channel so that its smallest value becomes 0 and its largest 255. */
  static Image autoContrast(Image image) {
    int[][] tables = new int[Image.CHANNELS][VALUES];
    for (int c = 0; c < Image.CHANNELS; c++) {
      int[] histogram = histogram(image, c);
      int low = 0;
      int high = ALL;
      while (low < ALL && histogram[low] == 0) {
        low++;
      }
      while (high > 0 && histogram[high] == 0) {
        high--;
      }
      double scale = high <= low ? 1 : 255.0 / (high - low);
      double offset = high <= low ? 0 : -low * scale;
      for (int v = 0; v < VALUES; v++) {
        tables[c][v] = clip((int) (v * scale + offset));
      }
    }
    return lookUp(image, tables);
  }

  /** Makes all values of a channel about equally frequent. */
  static Image equalize(Image image) {
    int[][] tables = new int[Image.CHANNELS][];
    for (int c = 0; c < Image.CHANNELS; c++) {
      tables[c] = equalizing(histogram(image, c));
    }
    return lookUp(image, tables);
  }

  private static int[] equalizing(int[] histogram) {
    int used = 0;
    int last = 0;
    int sum = 0;
    for (int count : histogram) {
      if (count > 0) {
        used++;
        last = count;
        sum += count;
      }
    }
    int step = (sum - last) / ALL;
    int[] table = new int[VALUES];
    int n = step / 2;
    for (int v = 0; v < VALUES; v++) {
      table[v] = used <= 1 || step == 0 ? v : clip(n / step);
      n += histogram[v];
    }
    return table;
  }

  private static int[] histogram(Image image, int channel) {
    int[] histogram = new int[VALUES];
    byte[] rgb = image.rgb();
    for (int i = channel; i < rgb.length; i += Image.CHANNELS) {
      histogram[rgb[i] & 0xFF]++;
    }
    return histogram;
  }

  static Image invert(Image image) {
    return lookUp(image, v -> ALL - v);
  }

  /** Keeps the upper {@code bits} bits of every value. */
  static Image posterize(Image image, int bits) {
    int mask = bits >= 8 ? ALL : ALL & -(1 << (8 - bits));
    return lookUp(image, v -> v & mask);
  }

  /** Inverts values from {@code threshold} on. */
  static Image solarize(Image image, int threshold) {
    return lookUp(image, v -> v < threshold ? v : ALL - v);
  }

  /** Brightens the darker half. */
  static Image solarizeAdd(Image image, int amount) {
    return lookUp(image, v -> v < 128 ? Math.min(ALL, v + amount) : v);
  }

  /**
   * The picture at {@code factor} of its size: below 1 in the middle of a black one, above 1 its
   * middle.
   */
  static Image zoom(Image image, double factor) {
    int width = image.width();
    int height = image.height();
    int columns = Math.max(1, (int) Math.rint(width * factor));
    int rows = Math.max(1, (int) Math.rint(height * factor));
    Image resized = Resize.resize(image, columns, rows, Resize.Filter.BICUBIC);
    int left = (int) Math.floor(columns / 2.0 - width / 2.0);
    int top = (int) Math.floor(rows / 2.0 - height / 2.0);
    int from = Math.max(0, left);
    int count = Math.min(columns, width);
    byte[] out = new byte[image.rgb().length];
    for (int y = Math.max(0, top); y < Math.min(rows, top + height); y++) {
      System.arraycopy(
          resized.rgb(),
          (y * columns + from) * Image.CHANNELS,
          out,
          ((y - top) * width + from - left) * Image.CHANNELS,
          count * Image.CHANNELS);
    }
    return new Image(width, height, out);
  }

  /** 0: black; 1: as it is. */
  static Image brightness(Image image, double factor) {
    return lookUp(image, v -> blend(0, v, (float) factor));
  }

  /** 0: evenly gray; 1: as it is. */
  static Image contrast(Image image, double factor) {
    byte[] gray = gray(image);
    long sum = 0;
    for (byte value : gray) {
      sum += value & 0xFF;
    }
    int mean = (int) ((double) sum / gray.length + 0.5);
    return lookUp(image, v -> blend(mean, v, (float) factor));
  }

  /** 0: gray; 1: as it is. */
  static Image color(Image image, double factor) {
    byte[] gray = gray(image);
    byte[] in = image.rgb();
    byte[] out = new byte[in.length];
    float share = (float) factor;
    for (int i = 0; i < in.length; i++) {
      out[i] = (byte) blend(gray[i / Image.CHANNELS] & 0xFF, in[i] & 0xFF, share);
    }
    return new Image(image.width(), image.height(), out);
  }

  /** 0: smoothed; 1: as it is; above: sharpened. The outermost pixels stay. */
  static Image sharpness(Image image, double factor) {
    int width = image.width();
    int height = image.height();
    int row = width * Image.CHANNELS;
    byte[] in = image.rgb();
    byte[] out = in.clone();
    float share = (float) factor;
    for (int y = 1; y < height - 1; y++) {
      for (int i = y * row + Image.CHANNELS; i < (y + 1) * row - Image.CHANNELS; i++) {
        int sum = three(in, i - row) + three(in, i) + three(in, i + row) + 4 * (in[i] & 0xFF);
        // 13 is odd, so no sum lies between two values and floats round as integers do.
        int smooth = (2 * sum + 13) / 26;
        out[i] = (byte) blend(smooth, in[i] & 0xFF, share);
      }
    }
    return new Image(width, height, out);
  }

  private static int three(byte[] in, int i) {
    return (in[i - Image.CHANNELS] & 0xFF) + (in[i] & 0xFF) + (in[i + Image.CHANNELS] & 0xFF);
  }

  /** ITU-R BT.601 in 16 bits. */
  private static byte[] gray(Image image) {
    byte[] rgb = image.rgb();
    byte[] gray = new byte[rgb.length / Image.CHANNELS];
    for (int i = 0, from = 0; i < gray.length; i++, from += Image.CHANNELS) {
      int red = rgb[from] & 0xFF;
      int green = rgb[from + 1] & 0xFF;
      int blue = rgb[from + 2] & 0xFF;
      gray[i] = (byte) ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
    }
    return gray;
  }

  /** From {@code from} by {@code share} of the way to {@code to}, cut to a byte. */
  private static int blend(int from, int to, float share) {
    float value = from + share * (to - from);
    return value <= 0 ? 0 : value >= ALL ? ALL : (int) value;
  }

  private static int clip(int value) {
    return Math.max(0, Math.min(ALL, value));
  }

  private static Image lookUp(Image image, java.util.function.IntUnaryOperator function) {
    int[] table = new int[VALUES];
    Arrays.setAll(table, function);
    return lookUp(image, new int[][] {table, table, table});
  }

  private static Image lookUp(Image image, int[][] tables) {
    byte[] in = image.rgb();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i += Image.CHANNELS) {
      out[i] = (byte) tables[0][in[i] & 0xFF];
      out[i + 1] = (byte) tables[1][in[i + 1] & 0xFF];
      out[i + 2] = (byte) tables[2][in[i + 2] & 0xFF];
    }
    return new Image(image.width(), image.height(), out);
  }
}
