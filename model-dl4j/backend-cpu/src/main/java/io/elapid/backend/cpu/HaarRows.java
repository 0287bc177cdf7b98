package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/** Loops of a Haar transform. They go on to the end of a register, as {@link MapRows} do. */
final class HaarRows {
  /** Odd lanes. */
  private static final VectorMask<Float> ODD = odd();

  /** Even lanes to the lower half, odd ones to the upper. */
  private static final VectorShuffle<Float> UNZIP =
      VectorShuffle.fromOp(SPECIES, lane -> 2 * lane % WIDTH + 2 * lane / WIDTH);

  /** The reverse: the lower half to even lanes. */
  private static final VectorShuffle<Float> ZIP =
      VectorShuffle.fromOp(SPECIES, lane -> lane / 2 + lane % 2 * (WIDTH / 2));

  /** The lower half to odd lanes. */
  private static final VectorShuffle<Float> ZIP_ODD =
      VectorShuffle.fromOp(SPECIES, lane -> lane / 2 + (1 - lane % 2) * (WIDTH / 2));

  private HaarRows() {}

  private static VectorMask<Float> odd() {
    boolean[] odd = new boolean[WIDTH];
    for (int lane = 1; lane < WIDTH; lane += 2) {
      odd[lane] = true;
    }
    return VectorMask.fromArray(SPECIES, odd, 0);
  }

  /** Sums and differences of rows, two by two. */
  static void add(
      float[] map, int width, int pairs, float[] sums, float[] differences, int stride) {
    for (int row = 0; row < pairs; row++) {
      int in = 2 * row * width;
      int out = row * stride;
      for (int j = 0; j < width; j += WIDTH) {
        FloatVector upper = FloatVector.fromArray(SPECIES, map, in + j);
        FloatVector lower = FloatVector.fromArray(SPECIES, map, in + width + j);
        upper.add(lower).intoArray(sums, out + j);
        upper.sub(lower).intoArray(differences, out + j);
      }
    }
  }

  /**
   * Sums and differences of neighbours. Of two registers full of pairs, one read a lane later and
   * one a lane earlier, the first numbers of all pairs fill one register, and the second another.
   */
  static void bands(
      float[] sums,
      float[] differences,
      float scale,
      float[] first,
      float[] second,
      float[] third,
      float[] fourth,
      int count) {
    for (int i = 0; i < count; i += WIDTH) {
      int at = 2 * i;
      FloatVector a = firsts(sums, at);
      FloatVector b = seconds(sums, at);
      FloatVector c = firsts(differences, at);
      FloatVector d = seconds(differences, at);
      a.add(b).mul(scale).rearrange(UNZIP).intoArray(first, i);
      c.add(d).mul(scale).rearrange(UNZIP).intoArray(second, i);
      a.sub(b).mul(scale).rearrange(UNZIP).intoArray(third, i);
      c.sub(d).mul(scale).rearrange(UNZIP).intoArray(fourth, i);
    }
  }

  /** The first numbers of pairs, in the order that {@link #UNZIP} mends. */
  private static FloatVector firsts(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at)
        .blend(FloatVector.fromArray(SPECIES, x, at + WIDTH - 1), ODD);
  }

  private static FloatVector seconds(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at + 1)
        .blend(FloatVector.fromArray(SPECIES, x, at + WIDTH), ODD);
  }

  /** The reverse of {@link #bands} and of sums of rows: upper and lower rows. */
  static void rows(
      float[] first,
      float[] second,
      float[] third,
      float[] fourth,
      float scale,
      float[] upper,
      float[] lower,
      int count) {
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector a = FloatVector.fromArray(SPECIES, first, i);
      FloatVector b = FloatVector.fromArray(SPECIES, second, i);
      FloatVector c = FloatVector.fromArray(SPECIES, third, i);
      FloatVector d = FloatVector.fromArray(SPECIES, fourth, i);
      FloatVector sums = a.add(b).mul(scale);
      FloatVector differences = c.add(d).mul(scale);
      FloatVector even = sums.add(differences).rearrange(ZIP);
      FloatVector odd = sums.sub(differences).rearrange(ZIP_ODD);
      even.blend(odd, ODD).intoArray(upper, 2 * i);
      exchange(odd.blend(even, ODD)).intoArray(upper, 2 * i + WIDTH);
      sums = a.sub(b).mul(scale);
      differences = c.sub(d).mul(scale);
      even = sums.add(differences).rearrange(ZIP);
      odd = sums.sub(differences).rearrange(ZIP_ODD);
      even.blend(odd, ODD).intoArray(lower, 2 * i);
      exchange(odd.blend(even, ODD)).intoArray(lower, 2 * i + WIDTH);
    }
  }

  /** Neighbouring lanes exchanged. */
  private static FloatVector exchange(FloatVector v) {
    return v.reinterpretAsLongs()
        .lanewise(VectorOperators.LSHL, Float.SIZE)
        .or(v.reinterpretAsLongs().lanewise(VectorOperators.LSHR, Float.SIZE))
        .reinterpretAsFloats();
  }

  /** The rows of a map, upper and lower in turns. */
  static void merge(float[] upper, float[] lower, int stride, float[] map, int width, int height) {
    for (int row = 0; row < height; row++) {
      float[] from = row % 2 == 0 ? upper : lower;
      int in = row / 2 * stride;
      int out = row * width;
      for (int j = 0; j < width; j += WIDTH) {
        FloatVector.fromArray(SPECIES, from, in + j).intoArray(map, out + j);
      }
    }
  }
}
