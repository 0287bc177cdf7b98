package io.elapid.data.image;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/**
 * libjpeg's way from decoded components to RGB: chroma at half size is interpolated with weights
 * 3/4 and 1/4 ("fancy upsampling"), YCbCr turned into RGB with 16 bits behind the point.
 */
final class JpegColours {
  private static final int HALF = 1 << 15;
  private static final int LANES = Lanes.COUNT;
  private static final VarHandle FOUR_BYTES =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /**
   * One component.
   *
   * @param samples of its rows, {@code stride} apart
   * @param left the column that the first of them belongs to
   * @param top the row that the first of them belongs to
   * @param width of the samples that count; behind them lies padding of a register at least
   * @param height likewise
   */
  record Plane(byte[] samples, int stride, int left, int top, int width, int height) {
    int at(int x, int y) {
      return (y - top) * stride + x - left;
    }
  }

  private final Region region;
  private final int acrossFactor;
  private final int downFactor;

  /** The first chroma sample that is looked at. */
  private final int first;

  private final int[] sums;
  private final short[] blue;
  private final short[] red;
  private final int[] pixels;

  /**
   * Of a rectangle of a picture.
   *
   * @param acrossFactor how many times as many columns luma has as chroma, 1 or 2
   * @param downFactor likewise of rows; 2 only together with {@code acrossFactor}
   */
  JpegColours(Region region, int acrossFactor, int downFactor) {
    this.region = region;
    this.acrossFactor = acrossFactor;
    this.downFactor = downFactor;
    this.first = acrossFactor == 1 ? region.x() : Math.max(0, region.x() / 2 - 1);
    int room = Lanes.roundUp(region.width() + 6) + LANES;
    this.sums = new int[room];
    this.blue = new short[2 * room];
    this.red = new short[2 * room];
    this.pixels = new int[room];
  }

  byte[] gray(Plane y) {
    byte[] rgb = new byte[region.width() * region.height() * Image.CHANNELS];
    int to = 0;
    for (int row = region.y(); row < region.y() + region.height(); row++) {
      int from = y.at(region.x(), row);
      for (int x = 0; x < region.width(); x++) {
        byte value = y.samples[from + x];
        rgb[to++] = value;
        rgb[to++] = value;
        rgb[to++] = value;
      }
    }
    return rgb;
  }

  byte[] rgb(Plane y, Plane cb, Plane cr) {
    int rowBytes = region.width() * Image.CHANNELS;
    byte[] rgb = new byte[rowBytes * region.height()];
    for (int i = 0; i < region.height(); i++) {
      int row = region.y() + i;
      upsample(cb, row, blue);
      upsample(cr, row, red);
      convert(y.samples, y.at(region.x(), row));
      pack(rgb, i * rowBytes);
    }
    return rgb;
  }

  private void upsample(Plane plane, int row, short[] out) {
    int last = Math.min(plane.width - 1, (region.x() + region.width()) / acrossFactor + 1);
    int count = last - first + 1;
    if (acrossFactor == 1) {
      int from = plane.at(first, row);
      for (int i = 0; i < region.width(); i++) {
        out[i] = (short) (plane.samples[from + i] & 0xFF);
      }
      return;
    }
    if (plane.width <= 2) {
      // libjpeg repeats what is too narrow to interpolate.
      for (int i = 0; i < 2 * count; i++) {
        out[i] = (short) (plane.samples[plane.at(first + i / 2, row / downFactor)] & 0xFF);
      }
      return;
    }
    if (downFactor == 1) {
      single(plane.samples, plane.at(first, row), count);
    } else {
      int near = row >> 1;
      int far = Math.max(0, Math.min(plane.height - 1, near + ((row & 1) == 0 ? -1 : 1)));
      weighted(plane.samples, plane.at(first, near), plane.at(first, far), count);
    }
    // Beyond the edges the picture goes on as it ends.
    sums[0] = sums[1];
    sums[count + 1] = sums[count];
    int shift = downFactor == 1 ? 2 : 4;
    int half = 1 << (shift - 1);
    spread(count, downFactor == 1 ? half - 1 : half, downFactor == 1 ? half : half - 1, shift, out);
  }

  /** sums[1 + i] = sample i. */
  private void single(byte[] samples, int from, int count) {
    for (int i = 0; i < count; i += LANES) {
      Lanes.unsigned(samples, from + i).intoArray(sums, 1 + i);
    }
  }

  /** sums[1 + i] = 3 x sample i of one row + sample i of the other. */
  private void weighted(byte[] samples, int near, int far, int count) {
    for (int i = 0; i < count; i += LANES) {
      Lanes.unsigned(samples, near + i)
          .mul(3)
          .add(Lanes.unsigned(samples, far + i))
          .intoArray(sums, 1 + i);
    }
  }

  /** Two results for each sum, which lean to the left and to the right neighbour. */
  private void spread(int count, int leftHalf, int rightHalf, int shift, short[] out) {
    for (int i = 0; i < count; i += LANES) {
      IntVector threefold = IntVector.fromArray(Lanes.INTS, sums, 1 + i).mul(3);
      IntVector left = threefold.add(IntVector.fromArray(Lanes.INTS, sums, i)).add(leftHalf);
      IntVector right = threefold.add(IntVector.fromArray(Lanes.INTS, sums, 2 + i)).add(rightHalf);
      left.lanewise(LSHR, shift)
          .or(right.lanewise(LSHR, shift).lanewise(LSHL, 16))
          .reinterpretAsShorts()
          .intoArray(out, 2 * i);
    }
  }

  /** A row of pixels, red lowest. */
  private void convert(byte[] luma, int from) {
    int skipped = region.x() - first * acrossFactor;
    for (int x = 0; x < region.width(); x += LANES) {
      IntVector y = Lanes.unsigned(luma, from + x);
      IntVector cb = Lanes.ints(blue, skipped + x).sub(128);
      IntVector cr = Lanes.ints(red, skipped + x).sub(128);
      IntVector r = y.add(cr.mul(91881).add(HALF).lanewise(ASHR, 16));
      IntVector g = y.add(cb.mul(-22554).sub(cr.mul(46802)).add(HALF).lanewise(ASHR, 16));
      IntVector b = y.add(cb.mul(116130).add(HALF).lanewise(ASHR, 16));
      Lanes.clip(r)
          .or(Lanes.clip(g).lanewise(LSHL, 8))
          .or(Lanes.clip(b).lanewise(LSHL, 16))
          .intoArray(pixels, x);
    }
  }

  /** Rows come in order: the fourth byte of a pixel is overwritten by what follows it. */
  private void pack(byte[] rgb, int at) {
    int to = at;
    int last = region.width() - 1;
    for (int x = 0; x < last; x++, to += Image.CHANNELS) {
      FOUR_BYTES.set(rgb, to, pixels[x]);
    }
    rgb[to] = (byte) pixels[last];
    rgb[to + 1] = (byte) (pixels[last] >> 8);
    rgb[to + 2] = (byte) (pixels[last] >> 16);
  }
}
