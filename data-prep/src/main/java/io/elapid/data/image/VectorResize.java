package io.elapid.data.image;

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

  /**
   * Side of the squares that are turned one after the other: the lines of one stay in the cache.
   */
  private static final int TILE = 32;

  private static final VarHandle FOUR_BYTES =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private VectorResize() {}

  /** As {@link Resize#resize}; at least one of the sides changes. */
  static Image resize(Image image, Region from, int width, int height, Resize.Filter filter) {
    int tall = Lanes.roundUp(from.height());
    int wide = Lanes.roundUp(width);
    int[] columns = columns(image, from, tall);
    if (width != from.width()) {
      columns = pass(columns, tall, Resize.Weights.of(from.width(), width, filter));
    }
    int[] rows = turned(columns, tall, width, from.height(), wide);
    if (height != from.height()) {
      rows = pass(rows, wide, Resize.Weights.of(from.height(), height, filter));
    }
    return new Image(width, height, bytes(rows, wide, width, height));
  }

  /** A rectangle's columns as lines of {@code stride} pixels. */
  private static int[] columns(Image image, Region from, int stride) {
    byte[] rgb = image.rgb();
    int[] out = new int[from.width() * stride];
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
    return out;
  }

  /** Lines of {@code length} pixels as columns: {@code length} lines of {@code lines} pixels. */
  private static int[] turned(int[] in, int stride, int lines, int length, int outStride) {
    int[] out = new int[length * outStride];
    for (int top = 0; top < length; top += TILE) {
      int bottom = Math.min(length, top + TILE);
      for (int line = 0; line < lines; line++) {
        int from = line * stride;
        for (int i = top, to = top * outStride + line; i < bottom; i++, to += outStride) {
          out[to] = in[from + i];
        }
      }
    }
    return out;
  }

  private static int[] pass(int[] in, int stride, Resize.Weights weights) {
    int[] out = new int[weights.size() * stride];
    for (int line = 0; line < weights.size(); line++) {
      int from = weights.first(line) * stride;
      int first = weights.start(line);
      int end = first + weights.count(line);
      for (int i = 0; i < stride; i += LANES) {
        sum(in, from + i, stride, weights.fixed(), first, end, out, line * stride + i);
      }
    }
    return out;
  }

  /** One register of a result's line. */
  private static void sum(
      int[] in, int from, int stride, int[] weights, int first, int end, int[] out, int to) {
    IntVector red = IntVector.broadcast(Lanes.INTS, Resize.HALF);
    IntVector green = red;
    IntVector blue = red;
    int at = from;
    for (int k = first; k < end; k++, at += stride) {
      IntVector pixels = IntVector.fromArray(Lanes.INTS, in, at);
      int weight = weights[k];
      red = red.add(pixels.and(0xFF).mul(weight));
      green = green.add(pixels.lanewise(LSHR, 8).and(0xFF).mul(weight));
      blue = blue.add(pixels.lanewise(LSHR, 16).mul(weight));
    }
    eight(red)
        .or(eight(green).lanewise(LSHL, 8))
        .or(eight(blue).lanewise(LSHL, 16))
        .intoArray(out, to);
  }

  private static IntVector eight(IntVector sum) {
    return Lanes.clip(sum.lanewise(ASHR, Resize.PRECISION));
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
