package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;
import static io.elapid.backend.cpu.ScanMath.INTS;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What all states of a step share on the way back, where there are several: before them and behind
 * them.
 */
final class StepGradient {
  private StepGradient() {}

  /**
   * Step sizes, inputs and outputs of the chunk.
   *
   * @return the largest step size
   */
  static float prepare(ScanBackward scan, ScanTables tables, int panel, int place, int count) {
    float[] scratch = scan.scratch;
    int[] places = tables.places;
    int outputs = scan.outputs;
    int origin = scan.origin;
    IntVector largest = IntVector.zero(INTS);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      FloatVector signed =
          FloatVector.fromArray(SPECIES, scratch, origin + ScanSteps.E + i * WIDTH);
      FloatVector size =
          ScanMath.size(signed, FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.DT));
      size.intoArray(scratch, step + ScanSteps.DT);
      largest = largest.max(size.abs().reinterpretAsInts());
      int from = panel + places[place + i];
      size.mul(FloatVector.fromArray(SPECIES, scratch, from))
          .intoArray(scratch, step + ScanSteps.DTU);
      FloatVector.fromArray(SPECIES, scratch, outputs + from)
          .intoArray(scratch, step + ScanSteps.DY);
      Lanes.zero().intoArray(scratch, step + ScanSteps.GB);
      Lanes.zero().intoArray(scratch, step + ScanSteps.GA);
    }
    return ScanMath.largest(largest);
  }

  /**
   * What is left once all states are through.
   *
   * @param delta where the gradient of the first step size goes, {@code stride} before the next
   */
  static void finish(
      ScanBackward scan,
      ScanBackward.Call call,
      int row,
      int sum,
      int panel,
      int place,
      ByteBuffer ddelta,
      int delta,
      int stride,
      int count) {
    float[] scratch = scan.scratch;
    int[] places = call.tables().places;
    int origin = scan.origin;
    int gradients = 2 * scan.outputs;
    int zeros = panel + call.tables().padding();
    boolean isFirst = scan.isFirst;
    FloatVector skip = FloatVector.fromArray(SPECIES, call.tables().skip, row);
    FloatVector dskip = FloatVector.fromArray(SPECIES, call.sums().skip(), sum);
    FloatVector dbias = FloatVector.fromArray(SPECIES, call.sums().bias(), sum);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      int at = panel + places[place + i];
      FloatVector input = FloatVector.fromArray(SPECIES, scratch, at);
      FloatVector output = FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.DY);
      FloatVector byInput = FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.GB);
      FloatVector byDecay =
          FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.GA).mul(ScanMath.LN_2);
      FloatVector slope =
          byInput
              .lanewise(VectorOperators.FMA, input, byDecay)
              .mul(
                  ScanMath.slope(
                      FloatVector.fromArray(SPECIES, scratch, origin + ScanSteps.E + i * WIDTH)));
      Lanes.store(slope, ddelta, delta + i * stride);
      dbias = dbias.add(slope);
      dskip = output.lanewise(VectorOperators.FMA, input, dskip);
      FloatVector du = FloatVector.fromArray(SPECIES, scratch, isFirst ? zeros : gradients + at);
      FloatVector size = FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.DT);
      du = byInput.lanewise(VectorOperators.FMA, size, du);
      output.lanewise(VectorOperators.FMA, skip, du).intoArray(scratch, gradients + at);
    }
    dskip.intoArray(call.sums().skip(), sum);
    dbias.intoArray(call.sums().bias(), sum);
  }
}
