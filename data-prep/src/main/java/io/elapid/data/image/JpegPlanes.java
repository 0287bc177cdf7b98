package io.elapid.data.image;

/** Decoded components, and libjpeg's way from them to RGB. */
final class JpegPlanes {
  private static final int HALF = 1 << 15;
  private static final int[] CR_RED = new int[256];
  private static final int[] CB_BLUE = new int[256];
  private static final int[] CR_GREEN = new int[256];
  private static final int[] CB_GREEN = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int x = i - 128;
      CR_RED[i] = (fix(1.402) * x + HALF) >> 16;
      CB_BLUE[i] = (fix(1.772) * x + HALF) >> 16;
      CR_GREEN[i] = -fix(0.71414) * x;
      CB_GREEN[i] = -fix(0.34414) * x + HALF;
    }
  }

  private static int fix(double x) {
    return (int) (x * 65536 + 0.5);
  }

  private JpegPlanes() {}

  /**
   * One component.
   *
   * @param width of the samples that count; behind them lies padding
   * @param height likewise
   */
  record Plane(byte[] samples, int stride, int width, int height) {}

  static byte[] gray(Plane y, Region region) {
    byte[] rgb = new byte[region.width() * region.height() * Image.CHANNELS];
    int to = 0;
    for (int row = region.y(); row < region.y() + region.height(); row++) {
      int from = row * y.stride + region.x();
      for (int x = 0; x < region.width(); x++) {
        byte value = y.samples[from + x];
        rgb[to++] = value;
        rgb[to++] = value;
        rgb[to++] = value;
      }
    }
    return rgb;
  }

  /** Luma at full size, chroma at full or half of either side. */
  static byte[] rgb(Plane y, Plane cb, Plane cr, int acrossFactor, int downFactor, Region region) {
    int rowBytes = region.width() * Image.CHANNELS;
    byte[] rgb = new byte[rowBytes * region.height()];
    int first = Math.max(0, region.x() / acrossFactor - 1);
    int last = Math.min(cb.width - 1, (region.x() + region.width()) / acrossFactor + 1);
    byte[] blue = new byte[2 * cb.width + 2];
    byte[] red = new byte[2 * cr.width + 2];
    int[] sums = new int[cb.width];
    for (int i = 0; i < region.height(); i++) {
      int row = region.y() + i;
      upsample(cb, row, acrossFactor, downFactor, first, last, sums, blue);
      upsample(cr, row, acrossFactor, downFactor, first, last, sums, red);
      convert(y.samples, row * y.stride, blue, red, rgb, i * rowBytes, region);
    }
    return rgb;
  }

  private static void upsample(
      Plane plane, int row, int across, int down, int first, int last, int[] sums, byte[] out) {
    if (across == 1) {
      System.arraycopy(plane.samples, row * plane.stride, out, 0, plane.width);
      return;
    }
    int n = plane.width;
    int near = (down == 2 ? row >> 1 : row) * plane.stride;
    if (n <= 2) {
      for (int x = 0; x < n; x++) {
        out[2 * x] = plane.samples[near + x];
        out[2 * x + 1] = plane.samples[near + x];
      }
    } else if (down == 1) {
      horizontally(plane.samples, near, n, first, last, out);
    } else {
      int other = Math.max(0, Math.min(plane.height - 1, (row >> 1) + ((row & 1) == 0 ? -1 : 1)));
      bothWays(plane.samples, near, other * plane.stride, n, first, last, sums, out);
    }
  }

  /** Weights 3/4 and 1/4, rounded down and up in turn. */
  private static void horizontally(byte[] in, int from, int n, int first, int last, byte[] out) {
    out[0] = in[from];
    for (int x = first; x < last; x++) {
      int a = in[from + x] & 0xFF;
      int b = in[from + x + 1] & 0xFF;
      out[2 * x + 1] = (byte) ((3 * a + b + 2) >> 2);
      out[2 * x + 2] = (byte) ((3 * b + a + 1) >> 2);
    }
    out[2 * n - 1] = in[from + n - 1];
  }

  private static void bothWays(
      byte[] in, int near, int far, int n, int first, int last, int[] sums, byte[] out) {
    for (int x = first; x <= last; x++) {
      sums[x] = 3 * (in[near + x] & 0xFF) + (in[far + x] & 0xFF);
    }
    out[0] = (byte) ((sums[0] * 4 + 8) >> 4);
    for (int x = first; x < last; x++) {
      int a = sums[x];
      int b = sums[x + 1];
      out[2 * x + 1] = (byte) ((3 * a + b + 7) >> 4);
      out[2 * x + 2] = (byte) ((3 * b + a + 8) >> 4);
    }
    out[2 * n - 1] = (byte) ((sums[n - 1] * 4 + 7) >> 4);
  }

  private static void convert(
      byte[] luma, int from, byte[] blue, byte[] red, byte[] rgb, int at, Region region) {
    int to = at;
    int end = region.x() + region.width();
    for (int x = region.x(); x < end; x++, to += Image.CHANNELS) {
      int y = luma[from + x] & 0xFF;
      int cb = blue[x] & 0xFF;
      int cr = red[x] & 0xFF;
      rgb[to] = clip(y + CR_RED[cr]);
      rgb[to + 1] = clip(y + ((CB_GREEN[cb] + CR_GREEN[cr]) >> 16));
      rgb[to + 2] = clip(y + CB_BLUE[cb]);
    }
  }

  private static byte clip(int value) {
    return (byte) Math.max(0, Math.min(255, value));
  }
}
