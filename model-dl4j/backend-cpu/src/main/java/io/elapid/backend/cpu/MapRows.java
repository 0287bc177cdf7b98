package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops over rows of maps in arrays. They go on to the end of a register: what they write behind a
 * row is no number of it, and the next row is written later.
 */
final class MapRows {
  private MapRows() {}

  /** Rows of sums of pairs of rows; see {@link RowSums}. */
  static void sums(
      float[] x, int[] firsts, int[] starts, float[] weights, float[] to, int stride, int width) {
    for (int row = 0; row < firsts.length - 1; row++) {
      int out = row * stride;
      int pair = 2 * firsts[row];
      int first = starts[pair];
      int second = starts[pair + 1];
      for (int j = 0; j < width; j += WIDTH) {
        FloatVector part = FloatVector.fromArray(SPECIES, x, first + j).mul(weights[pair]);
        FloatVector.fromArray(SPECIES, x, second + j)
            .lanewise(VectorOperators.FMA, Lanes.all(weights[pair + 1]), part)
            .intoArray(to, out + j);
      }
      for (pair += 2; pair < 2 * firsts[row + 1]; pair += 2) {
        add(x, starts[pair], starts[pair + 1], weights[pair], weights[pair + 1], to, out, width);
      }
    }
  }

  /** {@code to += firstWeight first + secondWeight second}, of two rows of {@code x}. */
  private static void add(
      float[] x,
      int first,
      int second,
      float firstWeight,
      float secondWeight,
      float[] to,
      int out,
      int width) {
    FloatVector firstWeights = Lanes.all(firstWeight);
    FloatVector secondWeights = Lanes.all(secondWeight);
    for (int j = 0; j < width; j += WIDTH) {
      FloatVector sum =
          FloatVector.fromArray(SPECIES, x, first + j)
              .lanewise(
                  VectorOperators.FMA, firstWeights, FloatVector.fromArray(SPECIES, to, out + j));
      FloatVector.fromArray(SPECIES, x, second + j)
          .lanewise(VectorOperators.FMA, secondWeights, sum)
          .intoArray(to, out + j);
    }
  }

  /** {@code to[i] = weights[i] x[indices[i]]}. */
  static void take(float[] x, int[] indices, float[] weights, float[] to, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector.fromArray(SPECIES, x, 0, indices, i)
          .mul(FloatVector.fromArray(SPECIES, weights, i))
          .intoArray(to, i);
    }
  }

  /** {@code to[i] += weights[i] x[indices[i]]}. */
  static void addTaken(float[] x, int[] indices, float[] weights, float[] to, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector.fromArray(SPECIES, x, 0, indices, i)
          .lanewise(
              VectorOperators.FMA,
              FloatVector.fromArray(SPECIES, weights, i),
              FloatVector.fromArray(SPECIES, to, i))
          .intoArray(to, i);
    }
  }

  /**
   * {@code y = x + map}, of {@code count} numbers; {@code x} and {@code y} from {@code start} on.
   */
  static void sum(ByteBuffer x, float[] map, ByteBuffer y, int start, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      Lanes.store(
          Lanes.load(x, start + i).add(FloatVector.fromArray(SPECIES, map, i)), y, start + i);
    }
    for (; i < count; i++) {
      Lanes.put(y, start + i, Lanes.get(x, start + i) + map[i]);
    }
  }

  /**
   * {@code y = x - map}, of {@code count} numbers; {@code x} and {@code y} from {@code start} on.
   */
  static void difference(ByteBuffer x, float[] map, ByteBuffer y, int start, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      Lanes.store(
          Lanes.load(x, start + i).sub(FloatVector.fromArray(SPECIES, map, i)), y, start + i);
    }
    for (; i < count; i++) {
      Lanes.put(y, start + i, Lanes.get(x, start + i) - map[i]);
    }
  }
}
