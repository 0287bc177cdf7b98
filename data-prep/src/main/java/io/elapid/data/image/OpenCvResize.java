package io.elapid.data.image;

/**
 * OpenCV's resizing, which published detectors and segmenters were trained and measured with: not
 * antialiased, weights in 11 bits, and cut rather than rounded in between.
 */
public final class OpenCvResize {
  private static final int BITS = 11;
  private static final int ONE = 1 << BITS;

  private OpenCvResize() {}

  /** INTER_LINEAR; the same object when the size is already right. */
  public static Image linear(Image image, int width, int height) {
    checkSize(width, height);
    if (width == image.width() && height == image.height()) {
      return image;
    }
    if (image.width() == 2 * width && image.height() == 2 * height) {
      return halved(image);
    }
    Taps columns = Taps.of(image.width(), width);
    Taps rows = Taps.of(image.height(), height);
    byte[] out = new byte[Math.multiplyExact(width * Image.CHANNELS, height)];
    int rowLength = width * Image.CHANNELS;
    int[] upper = new int[rowLength];
    int[] lower = new int[rowLength];
    for (int y = 0; y < height; y++) {
      across(image, rows.first[y], columns, upper);
      across(image, rows.second[y], columns, lower);
      int lowerWeight = rows.weight[y];
      int upperWeight = ONE - lowerWeight;
      for (int i = 0, to = y * rowLength; i < rowLength; i++, to++) {
        int sum = ((upperWeight * (upper[i] >> 4)) >> 16) + ((lowerWeight * (lower[i] >> 4)) >> 16);
        out[to] = (byte) ((sum + 2) >> 2);
      }
    }
    return new Image(width, height, out);
  }

  private static void across(Image image, int row, Taps columns, int[] out) {
    byte[] in = image.rgb();
    int start = row * image.width() * Image.CHANNELS;
    int to = 0;
    for (int x = 0; x < columns.first.length; x++) {
      int left = start + columns.first[x] * Image.CHANNELS;
      int right = start + columns.second[x] * Image.CHANNELS;
      int weight = columns.weight[x];
      for (int c = 0; c < Image.CHANNELS; c++) {
        out[to++] = (in[left + c] & 0xFF) * (ONE - weight) + (in[right + c] & 0xFF) * weight;
      }
    }
  }

  /** At exactly half the size OpenCV averages two by two pixels. */
  private static Image halved(Image image) {
    int width = image.width() / 2;
    int height = image.height() / 2;
    byte[] out = new byte[width * height * Image.CHANNELS];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < Image.CHANNELS; c++) {
          int sum =
              image.value(2 * x, 2 * y, c)
                  + image.value(2 * x + 1, 2 * y, c)
                  + image.value(2 * x, 2 * y + 1, c)
                  + image.value(2 * x + 1, 2 * y + 1, c);
          out[to++] = (byte) ((sum + 2) >> 2);
        }
      }
    }
    return new Image(width, height, out);
  }

  /** INTER_NEAREST; the same object when the size is already right. */
  public static Image nearest(Image image, int width, int height) {
    checkSize(width, height);
    if (width == image.width() && height == image.height()) {
      return image;
    }
    byte[] out = nearest(image.rgb(), image.width(), image.height(), width, height, Image.CHANNELS);
    return new Image(width, height, out);
  }

  /** INTER_NEAREST of labels; the same object when the size is already right. */
  public static LabelMap nearest(LabelMap map, int width, int height) {
    checkSize(width, height);
    if (width == map.width() && height == map.height()) {
      return map;
    }
    byte[] out = nearest(map.values(), map.width(), map.height(), width, height, 1);
    return new LabelMap(width, height, out);
  }

  private static byte[] nearest(
      byte[] in, int inWidth, int inHeight, int width, int height, int channels) {
    int[] columns = nearest(inWidth, width);
    int[] rows = nearest(inHeight, height);
    byte[] out = new byte[Math.multiplyExact(width * channels, height)];
    int to = 0;
    for (int y = 0; y < height; y++) {
      int row = rows[y] * inWidth;
      for (int x = 0; x < width; x++, to += channels) {
        System.arraycopy(in, (row + columns[x]) * channels, out, to, channels);
      }
    }
    return out;
  }

  /** INTER_NEAREST along one side: which of {@code in} positions each of {@code out} shows. */
  public static int[] nearest(int in, int out) {
    checkSize(in, out);
    int[] positions = new int[out];
    double scale = 1.0 / ((double) out / in);
    for (int i = 0; i < out; i++) {
      positions[i] = Math.min(in - 1, (int) Math.floor(i * scale));
    }
    return positions;
  }

  private static void checkSize(int width, int height) {
    if (width <= 0 || height <= 0) {
      throw new IllegalArgumentException("cannot resize to " + width + " x " + height);
    }
  }

  /**
   * For each output position two input positions and the weight of the second. Beyond an edge both
   * are the edge, and weights still matter: each share is cut on its own.
   */
  private record Taps(int[] first, int[] second, int[] weight) {
    static Taps of(int in, int out) {
      double scale = 1.0 / ((double) out / in);
      Taps taps = new Taps(new int[out], new int[out], new int[out]);
      for (int i = 0; i < out; i++) {
        float center = (float) ((i + 0.5) * scale - 0.5);
        int at = (int) Math.floor(center);
        taps.first[i] = Math.max(0, Math.min(in - 1, at));
        taps.second[i] = Math.max(0, Math.min(in - 1, at + 1));
        taps.weight[i] = (int) Math.rint((center - at) * ONE);
      }
      return taps;
    }
  }
}
