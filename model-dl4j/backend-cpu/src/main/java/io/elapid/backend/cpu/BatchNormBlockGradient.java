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
    int step = block.step();
    for (int b = 0; b < batch; b += 2) {
      int start = block.start(b);
      int samples = Math.min(2, batch - b);
      for (int i = 0; i < samples && isCurve(); i++) {
        curves.derive(activation, dy, x, start + i * step, dx);
      }
      if (samples == 2) {
        addSumsOfTwo(inner, x, start, step, runs, sums, dots);
      } else {
        addSums(inner, x, start, runs, sums, dots);
      }
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
    int b = 0;
    for (; b < batch - 1; b += 2) {
      inputGradientOfTwo(inner, block.start(b), step, runs, curves.scales(), allSlopes, allOffsets);
    }
    if (b < batch) {
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
      ByteBuffer g, ByteBuffer x, int start, Runs by, float[] sums, float[] dots) {
    float[] means = by.means;
    float[] gateScales = by.gateScales;
    float[] gateShifts = by.gateShifts;
    for (int i = 0; i < by.size; i += WIDTH) {
      FloatVector v = Lanes.load(x, start + i);
      FloatVector gate = v.lanewise(VectorOperators.FMA, load(gateScales, i), load(gateShifts, i));
      FloatVector gi = Lanes.open(gate, Lanes.load(g, start + i));
      load(sums, i).add(gi).intoArray(sums, i);
      gi.lanewise(VectorOperators.FMA, v.sub(load(means, i)), load(dots, i)).intoArray(dots, i);
    }
  }

  /** The same of two samples, {@code step} apart; what they share is loaded once. */
  private static void addSumsOfTwo(
      ByteBuffer g, ByteBuffer x, int start, int step, Runs by, float[] sums, float[] dots) {
    float[] means = by.means;
    float[] gateScales = by.gateScales;
    float[] gateShifts = by.gateShifts;
    int second = start + step;
    for (int i = 0; i < by.size; i += WIDTH) {
      FloatVector gateScale = load(gateScales, i);
      FloatVector gateShift = load(gateShifts, i);
      FloatVector mean = load(means, i);
      FloatVector v = Lanes.load(x, start + i);
      FloatVector v2 = Lanes.load(x, second + i);
      FloatVector gate = v.lanewise(VectorOperators.FMA, gateScale, gateShift);
      FloatVector gate2 = v2.lanewise(VectorOperators.FMA, gateScale, gateShift);
      FloatVector gi = Lanes.open(gate, Lanes.load(g, start + i));
      FloatVector gi2 = Lanes.open(gate2, Lanes.load(g, second + i));
      load(sums, i).add(gi).add(gi2).intoArray(sums, i);
      FloatVector dot = gi.lanewise(VectorOperators.FMA, v.sub(mean), load(dots, i));
      gi2.lanewise(VectorOperators.FMA, v2.sub(mean), dot).intoArray(dots, i);
    }
  }

  /** {@code dx = scale g + slope (x - mean) + offset}; {@code dx} may be {@code g}. */
  private void inputGradient(
      ByteBuffer g, int start, Runs by, float[] scales, float[] slopes, float[] offsets) {
    float[] means = by.means;
    float[] gateScales = by.gateScales;
    float[] gateShifts = by.gateShifts;
    ByteBuffer x = this.x;
    ByteBuffer dx = this.dx;
    for (int i = 0; i < by.size; i += WIDTH) {
      FloatVector v = Lanes.load(x, start + i);
      FloatVector gate = v.lanewise(VectorOperators.FMA, load(gateScales, i), load(gateShifts, i));
      FloatVector gi = Lanes.open(gate, Lanes.load(g, start + i));
      FloatVector rest =
          v.sub(load(means, i)).lanewise(VectorOperators.FMA, load(slopes, i), load(offsets, i));
      Lanes.store(gi.lanewise(VectorOperators.FMA, load(scales, i), rest), dx, start + i);
    }
  }

  /** The same of two samples. */
  private void inputGradientOfTwo(
      ByteBuffer g, int start, int step, Runs by, float[] scales, float[] slopes, float[] offsets) {
    float[] means = by.means;
    float[] gateScales = by.gateScales;
    float[] gateShifts = by.gateShifts;
    ByteBuffer x = this.x;
    ByteBuffer dx = this.dx;
    int second = start + step;
    for (int i = 0; i < by.size; i += WIDTH) {
      FloatVector gateScale = load(gateScales, i);
      FloatVector gateShift = load(gateShifts, i);
      FloatVector mean = load(means, i);
      FloatVector slope = load(slopes, i);
      FloatVector offset = load(offsets, i);
      FloatVector scale = load(scales, i);
      FloatVector v = Lanes.load(x, start + i);
      FloatVector v2 = Lanes.load(x, second + i);
      FloatVector gate = v.lanewise(VectorOperators.FMA, gateScale, gateShift);
      FloatVector gate2 = v2.lanewise(VectorOperators.FMA, gateScale, gateShift);
      FloatVector gi = Lanes.open(gate, Lanes.load(g, start + i));
      FloatVector gi2 = Lanes.open(gate2, Lanes.load(g, second + i));
      FloatVector rest = v.sub(mean).lanewise(VectorOperators.FMA, slope, offset);
      FloatVector rest2 = v2.sub(mean).lanewise(VectorOperators.FMA, slope, offset);
      Lanes.store(gi.lanewise(VectorOperators.FMA, scale, rest), dx, start + i);
      Lanes.store(gi2.lanewise(VectorOperators.FMA, scale, rest2), dx, second + i);
    }
  }
}
