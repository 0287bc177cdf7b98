package io.elapid.data.image;

import static io.elapid.data.image.Scratch.Use.COLUMNS;
import static io.elapid.data.image.Scratch.Use.RESIZED_COLUMNS;
import static io.elapid.data.image.Scratch.Use.RESIZED_ROWS;
import static io.elapid.data.image.Scratch.Use.ROWS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/**
 * The two passes of {@link Resize} on many pixels at a time.
 *
 * <p>A pass computes each line of its result as a weighted sum of whole lines, so that neighbours
 * in a line share a register; for the pass over columns the picture is turned first and turned back
 * afterwards. A pixel is one int, red lowest.
 */
final class VectorResize {
  private static final int LANES = Lanes.COUNT;
  private static final int STEP = 2 * LANES;

  /**
   * Side of the squares that are turned one after the other: the lines of one stay in the cache.
   */
  private static final int TILE = 32;

  private static final VarHandle FOUR_BYTES =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private VectorResize() {}

  /** As {@link Resize#resize}; at least one of the sides changes. */
  static Image resize(Image image, Region from, int width, int height, Resize.Filter filter) {
    Scratch scratch = Scratch.ofThread();
    int tall = roundUp(from.height());
    int wide = roundUp(width);
    int[] columns = scratch.ints(COLUMNS, Math.multiplyExact(from.width(), tall));
    columns(image, from, columns, tall);
    if (width != from.width()) {
      int[] resized = scratch.ints(RESIZED_COLUMNS, Math.multiplyExact(width, tall));
      pass(columns, tall, Resize.Weights.of(from.width(), width, filter), resized);
      columns = resized;
    }
    int[] rows = scratch.ints(ROWS, Math.multiplyExact(from.height(), wide));
    turn(columns, tall, width, from.height(), rows, wide);
    if (height != from.height()) {
      int[] resized = scratch.ints(RESIZED_ROWS, Math.multiplyExact(height, wide));
      pass(rows, wide, Resize.Weights.of(from.height(), height, filter), resized);
      rows = resized;
    }
    return new Image(width, height, bytes(rows, wide, width, height));
  }

  private static int roundUp(int length) {
    return (length + STEP - 1) / STEP * STEP;
  }

  /** A rectangle's columns as lines of {@code stride} pixels. */
  private static void columns(Image image, Region from, int[] out, int stride) {
    byte[] rgb = image.rgb();
    for (int left = 0; left < from.width(); left += TILE) {
      int right = Math.min(from.width(), left + TILE);
      for (int y = 0; y < from.height(); y++) {
        int at = ((from.y() + y) * image.width() + from.x() + left) * Image.CHANNELS;
        int whole = Math.min(right, left + (rgb.length - at) / Image.CHANNELS - 1);
        int to = left * stride + y;
        for (int x = left; x < whole; x++, to += stride, at += Image.CHANNELS) {
          out[to] = (int) FOUR_BYTES.get(rgb, at) & 0xFF_FFFF;
        }
        // Behind the picture's last pixel there is no fourth byte.
        for (int x = whole; x < right; x++, to += stride, at += Image.CHANNELS) {
          out[to] = rgb[at] & 0xFF | (rgb[at + 1] & 0xFF) << 8 | (rgb[at + 2] & 0xFF) << 16;
        }
      }
    }
  }

  /** Lines of {@code length} pixels as columns: {@code length} lines of {@code lines} pixels. */
  private static void turn(int[] in, int stride, int lines, int length, int[] out, int outStride) {
    for (int top = 0; top < length; top += TILE) {
      int bottom = Math.min(length, top + TILE);
      for (int line = 0; line < lines; line++) {
        int from = line * stride;
        for (int i = top, to = top * outStride + line; i < bottom; i++, to += outStride) {
          out[to] = in[from + i];
        }
      }
    }
  }

  private static void pass(int[] in, int stride, Resize.Weights weights, int[] out) {
    for (int line = 0; line < weights.size(); line++) {
      int from = weights.first(line) * stride;
      int first = weights.start(line);
      int end = first + weights.count(line);
      for (int i = 0; i < stride; i += STEP) {
        sum(in, from + i, stride, weights.fixed(), first, end, out, line * stride + i);
      }
    }
  }

  /**
   * Two registers of a result's line, whose sums do not wait for each other. Written out, as {@link
   * JpegIdct} is and for its reason.
   */
  private static void sum(
      int[] in, int from, int stride, int[] weights, int first, int end, int[] out, int to) {
    IntVector red = IntVector.broadcast(Lanes.INTS, Resize.HALF);
    IntVector green = red;
    IntVector blue = red;
    IntVector red2 = red;
    IntVector green2 = red;
    IntVector blue2 = red;
    int at = from;
    for (int k = first; k < end; k++, at += stride) {
      int weight = weights[k];
      IntVector pixels = IntVector.fromArray(Lanes.INTS, in, at);
      red = red.add(pixels.and(0xFF).mul(weight));
      green = green.add(pixels.lanewise(LSHR, 8).and(0xFF).mul(weight));
      blue = blue.add(pixels.lanewise(LSHR, 16).and(0xFF).mul(weight));
      pixels = IntVector.fromArray(Lanes.INTS, in, at + LANES);
      red2 = red2.add(pixels.and(0xFF).mul(weight));
      green2 = green2.add(pixels.lanewise(LSHR, 8).and(0xFF).mul(weight));
      blue2 = blue2.add(pixels.lanewise(LSHR, 16).and(0xFF).mul(weight));
    }
    red = red.lanewise(ASHR, Resize.PRECISION).max(0).min(255);
    green = green.lanewise(ASHR, Resize.PRECISION).max(0).min(255);
    blue = blue.lanewise(ASHR, Resize.PRECISION).max(0).min(255);
    red.or(green.lanewise(LSHL, 8)).or(blue.lanewise(LSHL, 16)).intoArray(out, to);
    red2 = red2.lanewise(ASHR, Resize.PRECISION).max(0).min(255);
    green2 = green2.lanewise(ASHR, Resize.PRECISION).max(0).min(255);
    blue2 = blue2.lanewise(ASHR, Resize.PRECISION).max(0).min(255);
    red2.or(green2.lanewise(LSHL, 8)).or(blue2.lanewise(LSHL, 16)).intoArray(out, to + LANES);
  }

  private static byte[] bytes(int[] rows, int stride, int width, int height) {
    byte[] rgb = new byte[width * height * Image.CHANNELS];
    int to = 0;
    for (int y = 0; y < height; y++) {
      int from = y * stride;
      // Each pixel's fourth byte is overwritten by the next one; the row's last has none behind it.
      for (int x = 0; x < width - 1; x++, to += Image.CHANNELS) {
        FOUR_BYTES.set(rgb, to, rows[from + x]);
      }
      int last = rows[from + width - 1];
      rgb[to++] = (byte) last;
      rgb[to++] = (byte) (last >> 8);
      rgb[to++] = (byte) (last >> 16);
    }
    return rgb;
  }
}
