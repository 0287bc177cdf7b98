package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of layer norms over a run of one channel's positions, in whole registers, with one number
 * for each position in arrays.
 */
final class LayerNormRows {
  private LayerNormRows() {}

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  /** {@code y = weight (x - mean) invStd + bias}. */
  static void normalise(
      ByteBuffer x,
      int start,
      float[] means,
      float[] invStds,
      float weight,
      float bias,
      ByteBuffer y,
      int positions) {
    FloatVector weights = Lanes.all(weight);
    FloatVector biases = Lanes.all(bias);
    for (int i = 0; i < positions; i += WIDTH) {
      FloatVector xhat = Lanes.load(x, start + i).sub(load(means, i)).mul(load(invStds, i));
      Lanes.store(xhat.lanewise(VectorOperators.FMA, weights, biases), y, start + i);
    }
  }

  /**
   * Adds {@code weight dy} and {@code weight dy xhat} to the numbers of each position, and writes
   * registers of {@code dy} and {@code dy xhat}, summed over positions, at {@code at}.
   */
  static void addGradients(
      ByteBuffer dy,
      ByteBuffer x,
      int start,
      float[] means,
      float[] invStds,
      float weight,
      float[] sums,
      float[] dots,
      int positions,
      float[] dbias,
      float[] dweight,
      int at) {
    FloatVector weights = Lanes.all(weight);
    FloatVector sum = Lanes.zero();
    FloatVector dot = Lanes.zero();
    for (int i = 0; i < positions; i += WIDTH) {
      FloatVector g = Lanes.load(dy, start + i);
      FloatVector xhat = Lanes.load(x, start + i).sub(load(means, i)).mul(load(invStds, i));
      sum = sum.add(g);
      dot = g.lanewise(VectorOperators.FMA, xhat, dot);
      FloatVector weighted = g.mul(weights);
      load(sums, i).add(weighted).intoArray(sums, i);
      weighted.lanewise(VectorOperators.FMA, xhat, load(dots, i)).intoArray(dots, i);
    }
    sum.intoArray(dbias, at);
    dot.intoArray(dweight, at);
  }

  /**
   * {@code dx = scale (weight dy) + slope (x - mean) + offset}; all but the weight are numbers of
   * each position.
   */
  static void inputGradient(
      ByteBuffer dy,
      ByteBuffer x,
      int start,
      float weight,
      float[] scales,
      float[] slopes,
      float[] means,
      float[] offsets,
      ByteBuffer dx,
      int positions) {
    FloatVector weights = Lanes.all(weight);
    for (int i = 0; i < positions; i += WIDTH) {
      FloatVector rest =
          Lanes.load(x, start + i)
              .sub(load(means, i))
              .lanewise(VectorOperators.FMA, load(slopes, i), load(offsets, i));
      FloatVector g = Lanes.load(dy, start + i).mul(weights);
      Lanes.store(g.lanewise(VectorOperators.FMA, load(scales, i), rest), dx, start + i);
    }
  }
}
