package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Gradients of a block's channels, by the plan of {@link BatchNormGradientGroup}: a ReLU is opened
 * in both passes, the gradient before a curve is written to {@code dx} in the first.
 */
record BatchNormBlockGradient(
    BatchNormBlock block,
    BatchNormAffines affines,
    ActivationKind activation,
    ByteBuffer dy,
    ByteBuffer x,
    ByteBuffer dx) {

  /** A number for each position. */
  private record Runs(float[] means, float[] gateScales, float[] gateShifts, int size) {}

  private boolean isCurve() {
    return activation != ActivationKind.IDENTITY && activation != ActivationKind.RELU;
  }

  /**
   * Writes all gradients.
   *
   * @param values that the statistics are of; infinite where they are constants
   */
  void run(double values, Tensor dgamma, Tensor dbeta) {
    ActivationRuns curves = block.runs(affines);
    ByteBuffer inner = isCurve() ? dx : dy;
    Runs runs = runs(curves);
    float[] sums = new float[block.size()];
    float[] dots = new float[block.size()];
    int batch = block.rows().batch();
    for (int b = 0; b < batch; b++) {
      int start = block.start(b);
      if (isCurve()) {
        curves.derive(activation, dy, x, start, dx);
      }
      addSums(inner, x, start, runs.means, runs.gateScales, runs.gateShifts, runs.size, sums, dots);
    }
    float[] slopes = new float[block.channels()];
    float[] offsets = new float[block.channels()];
    for (int c = 0; c < slopes.length; c++) {
      double invStd = affines.invStds()[c];
      double sum = block.total(sums, c);
      double dot = block.total(dots, c) * invStd;
      dbeta.put(block.first() + c, sum);
      dgamma.put(block.first() + c, dot);
      slopes[c] = (float) (-affines.scales()[c] * dot * invStd / values);
      offsets[c] = (float) (-affines.scales()[c] * sum / values);
    }
    float[] allSlopes = block.spread(slopes);
    float[] allOffsets = block.spread(offsets);
    for (int b = 0; b < batch; b++) {
      inputGradient(inner, block.start(b), runs, curves.scales(), allSlopes, allOffsets);
    }
  }

  /** With a ReLU's argument for the gate, or 1. */
  private Runs runs(ActivationRuns curves) {
    float[] means = block.spread(affines.means());
    if (activation == ActivationKind.RELU) {
      return new Runs(means, curves.scales(), curves.shifts(), block.size());
    }
    float[] ones = new float[block.size()];
    Arrays.fill(ones, 1);
    return new Runs(means, new float[block.size()], ones, block.size());
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  /** Adds g and {@code g (x - mean)}, where the gate is open, to the sums of each position. */
  private static void addSums(
      ByteBuffer g,
      ByteBuffer x,
      int start,
      float[] means,
      float[] gateScales,
      float[] gateShifts,
      int size,
      float[] sums,
      float[] dots) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v = Lanes.load(x, start + i);
      FloatVector gate = v.lanewise(VectorOperators.FMA, load(gateScales, i), load(gateShifts, i));
      FloatVector gi = Lanes.open(gate, Lanes.load(g, start + i));
      load(sums, i).add(gi).intoArray(sums, i);
      gi.lanewise(VectorOperators.FMA, v.sub(load(means, i)), load(dots, i)).intoArray(dots, i);
    }
  }

  private void inputGradient(
      ByteBuffer g, int start, Runs runs, float[] scales, float[] slopes, float[] offsets) {
    inputGradient(
        g,
        x,
        start,
        runs.means,
        runs.gateScales,
        runs.gateShifts,
        scales,
        slopes,
        offsets,
        runs.size,
        dx);
  }

  /** {@code dx = scale g + slope (x - mean) + offset}; {@code dx} may be {@code g}. */
  private static void inputGradient(
      ByteBuffer g,
      ByteBuffer x,
      int start,
      float[] means,
      float[] gateScales,
      float[] gateShifts,
      float[] scales,
      float[] slopes,
      float[] offsets,
      int size,
      ByteBuffer dx) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v = Lanes.load(x, start + i);
      FloatVector gate = v.lanewise(VectorOperators.FMA, load(gateScales, i), load(gateShifts, i));
      FloatVector gi = Lanes.open(gate, Lanes.load(g, start + i));
      FloatVector rest =
          v.sub(load(means, i)).lanewise(VectorOperators.FMA, load(slopes, i), load(offsets, i));
      Lanes.store(gi.lanewise(VectorOperators.FMA, load(scales, i), rest), dx, start + i);
    }
  }
}
