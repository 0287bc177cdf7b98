package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Takes every second or fourth number, and puts those of two rows in turns. */
final class GemmInterleave {
  private static final VectorShuffle<Float> SECOND =
      VectorShuffle.fromOp(SPECIES, i -> 2 * i % WIDTH);
  private static final VectorShuffle<Float> FOURTH =
      VectorShuffle.fromOp(SPECIES, i -> 4 * i % WIDTH);
  private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(SPECIES, i -> i / 2);
  private static final VectorShuffle<Float> HIGH =
      VectorShuffle.fromOp(SPECIES, i -> (WIDTH + i) / 2);
  private static final VectorMask<Float> ODD = lanes(1, 1);
  private static final VectorMask<Float> UPPER_HALF = lanes(WIDTH / 2, WIDTH / 2);
  private static final VectorMask<Float> QUARTERS_1_3 = lanes(WIDTH / 4, WIDTH / 4);

  private GemmInterleave() {}

  /** Lanes whose number has these bits. */
  private static VectorMask<Float> lanes(int mask, int bits) {
    long lanes = 0;
    for (int i = 0; i < WIDTH; i++) {
      lanes |= (i & mask) == bits ? 1L << i : 0;
    }
    return VectorMask.fromLong(SPECIES, lanes);
  }

  /**
   * {@code to[end + j] = from[start + j * stride]} for j up to {@code count}, and anything for
   * those that fill the last register.
   */
  static void every(int stride, ByteBuffer from, int start, int count, float[] to, int end) {
    int readable = Math.max(0, from.capacity() / Float.BYTES - start) / stride;
    int done = Math.min(Lanes.roundUp(count), Lanes.bound(readable));
    switch (stride) {
      case 1 -> all(from, start, done, to, end);
      case 2 -> second(from, start, done, to, end);
      case 4 -> fourth(from, start, done, to, end);
      default -> done = 0;
    }
    for (int j = done; j < count; j++) {
      to[end + j] = Lanes.get(from, start + j * stride);
    }
  }

  private static void all(ByteBuffer from, int start, int count, float[] to, int end) {
    for (int j = 0; j < count; j += WIDTH) {
      Lanes.load(from, start + j).intoArray(to, end + j);
    }
  }

  private static void second(ByteBuffer from, int start, int count, float[] to, int end) {
    for (int j = 0; j < count; j += WIDTH) {
      FloatVector a = Lanes.load(from, start + 2 * j).rearrange(SECOND);
      FloatVector b = Lanes.load(from, start + 2 * j + WIDTH).rearrange(SECOND);
      a.blend(b, UPPER_HALF).intoArray(to, end + j);
    }
  }

  private static void fourth(ByteBuffer from, int start, int count, float[] to, int end) {
    for (int j = 0; j < count; j += WIDTH) {
      int i = start + 4 * j;
      FloatVector a = Lanes.load(from, i).rearrange(FOURTH);
      FloatVector b = Lanes.load(from, i + WIDTH).rearrange(FOURTH);
      FloatVector c = Lanes.load(from, i + 2 * WIDTH).rearrange(FOURTH);
      FloatVector d = Lanes.load(from, i + 3 * WIDTH).rearrange(FOURTH);
      a.blend(b, QUARTERS_1_3).blend(c.blend(d, QUARTERS_1_3), UPPER_HALF).intoArray(to, end + j);
    }
  }

  /** {@code to[end + 2 j] = a[start + j]}, {@code to[end + 2 j + 1] = b[start + j]}, and more. */
  static void pairs(float[] a, float[] b, int start, int count, float[] to, int end) {
    for (int j = 0; j < count; j += WIDTH) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, start + j);
      FloatVector y = FloatVector.fromArray(SPECIES, b, start + j);
      x.rearrange(LOW).blend(y.rearrange(LOW), ODD).intoArray(to, end + 2 * j);
      x.rearrange(HIGH).blend(y.rearrange(HIGH), ODD).intoArray(to, end + 2 * j + WIDTH);
    }
  }
}
