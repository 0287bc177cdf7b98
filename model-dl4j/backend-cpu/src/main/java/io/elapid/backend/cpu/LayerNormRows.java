package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of layer norms over a run of one channel's positions, or of two channels' whose rows are
 * {@code step} apart, in whole registers, with one number for each position in arrays. What two
 * channels share is loaded once.
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

  /** The same of two channels. */
  static void normaliseTwo(
      ByteBuffer x,
      int start,
      int step,
      float[] means,
      float[] invStds,
      float[] weight,
      float[] bias,
      int channel,
      ByteBuffer y,
      int positions) {
    FloatVector weights = Lanes.all(weight[channel]);
    FloatVector weights2 = Lanes.all(weight[channel + 1]);
    FloatVector biases = Lanes.all(bias[channel]);
    FloatVector biases2 = Lanes.all(bias[channel + 1]);
    int second = start + step;
    for (int i = 0; i < positions; i += WIDTH) {
      FloatVector mean = load(means, i);
      FloatVector invStd = load(invStds, i);
      FloatVector xhat = Lanes.load(x, start + i).sub(mean).mul(invStd);
      FloatVector xhat2 = Lanes.load(x, second + i).sub(mean).mul(invStd);
      Lanes.store(xhat.lanewise(VectorOperators.FMA, weights, biases), y, start + i);
      Lanes.store(xhat2.lanewise(VectorOperators.FMA, weights2, biases2), y, second + i);
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

  /** The same of two channels, with the second one's registers a register behind. */
  static void addGradientsOfTwo(
      ByteBuffer dy,
      ByteBuffer x,
      int start,
      int step,
      float[] means,
      float[] invStds,
      float[] weight,
      int channel,
      float[] sums,
      float[] dots,
      int positions,
      float[] dbias,
      float[] dweight) {
    FloatVector weights = Lanes.all(weight[channel]);
    FloatVector weights2 = Lanes.all(weight[channel + 1]);
    FloatVector sum = Lanes.zero();
    FloatVector sum2 = Lanes.zero();
    FloatVector dot = Lanes.zero();
    FloatVector dot2 = Lanes.zero();
    int second = start + step;
    for (int i = 0; i < positions; i += WIDTH) {
      FloatVector mean = load(means, i);
      FloatVector invStd = load(invStds, i);
      FloatVector g = Lanes.load(dy, start + i);
      FloatVector g2 = Lanes.load(dy, second + i);
      FloatVector xhat = Lanes.load(x, start + i).sub(mean).mul(invStd);
      FloatVector xhat2 = Lanes.load(x, second + i).sub(mean).mul(invStd);
      sum = sum.add(g);
      sum2 = sum2.add(g2);
      dot = g.lanewise(VectorOperators.FMA, xhat, dot);
      dot2 = g2.lanewise(VectorOperators.FMA, xhat2, dot2);
      FloatVector weighted = g.mul(weights);
      FloatVector weighted2 = g2.mul(weights2);
      load(sums, i).add(weighted).add(weighted2).intoArray(sums, i);
      FloatVector before = weighted.lanewise(VectorOperators.FMA, xhat, load(dots, i));
      weighted2.lanewise(VectorOperators.FMA, xhat2, before).intoArray(dots, i);
    }
    int at = channel * WIDTH;
    sum.intoArray(dbias, at);
    sum2.intoArray(dbias, at + WIDTH);
    dot.intoArray(dweight, at);
    dot2.intoArray(dweight, at + WIDTH);
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

  /** The same of two channels. */
  static void inputGradientOfTwo(
      ByteBuffer dy,
      ByteBuffer x,
      int start,
      int step,
      float[] weight,
      int channel,
      float[] scales,
      float[] slopes,
      float[] means,
      float[] offsets,
      ByteBuffer dx,
      int positions) {
    FloatVector weights = Lanes.all(weight[channel]);
    FloatVector weights2 = Lanes.all(weight[channel + 1]);
    int second = start + step;
    for (int i = 0; i < positions; i += WIDTH) {
      FloatVector mean = load(means, i);
      FloatVector slope = load(slopes, i);
      FloatVector offset = load(offsets, i);
      FloatVector scale = load(scales, i);
      FloatVector rest =
          Lanes.load(x, start + i).sub(mean).lanewise(VectorOperators.FMA, slope, offset);
      FloatVector rest2 =
          Lanes.load(x, second + i).sub(mean).lanewise(VectorOperators.FMA, slope, offset);
      FloatVector g = Lanes.load(dy, start + i).mul(weights);
      FloatVector g2 = Lanes.load(dy, second + i).mul(weights2);
      Lanes.store(g.lanewise(VectorOperators.FMA, scale, rest), dx, start + i);
      Lanes.store(g2.lanewise(VectorOperators.FMA, scale, rest2), dx, second + i);
    }
  }
}
