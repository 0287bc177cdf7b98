package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;
import static io.elapid.backend.cpu.ScanMath.LN_2;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Chunks of scans with one state per channel, where nothing has to be kept for further states: what
 * {@link ScanForward} and {@link ScanBackward} do in several passes takes one or two.
 */
final class SingleState {
  private SingleState() {}

  /** Takes the state at {@code at} along a chunk and adds its outputs to those of the panel. */
  static void forward(
      ScanForward scan, ScanTables tables, int row, int at, int panel, int place, int count) {
    float[] scratch = scan.scratch;
    float[] coefficients = scan.coefficients;
    int[] places = tables.places;
    int outputs = scan.outputs;
    int origin = scan.origin;
    int zeros = panel + tables.padding();
    boolean isFirst = scan.isFirst;
    FloatVector rate = FloatVector.fromArray(SPECIES, tables.rates, row);
    FloatVector skip = FloatVector.fromArray(SPECIES, tables.skip, row);
    FloatVector h = FloatVector.fromArray(SPECIES, scan.state, at);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      FloatVector size = FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.DT);
      int from = panel + places[place + i];
      FloatVector u = FloatVector.fromArray(SPECIES, scratch, from);
      h =
          h.lanewise(
              VectorOperators.FMA,
              ScanMath.decay(size, rate),
              size.mul(u).mul(coefficients[i * StateQuad.COEFFICIENTS]));
      FloatVector y =
          h.lanewise(
              VectorOperators.FMA,
              Lanes.all(coefficients[i * StateQuad.COEFFICIENTS + StateQuad.STATES]),
              skip.mul(u));
      int to = outputs + from;
      FloatVector.fromArray(SPECIES, scratch, isFirst ? zeros : to).add(y).intoArray(scratch, to);
    }
    h.intoArray(scan.state, at);
  }

  /** Decays and states of a chunk, from the state before the chunk. */
  static void repeat(
      ScanBackward scan, ScanTables tables, int row, int panel, int place, int count) {
    float[] scratch = scan.scratch;
    float[] coefficients = scan.coefficients;
    int[] places = tables.places;
    int origin = scan.origin;
    FloatVector rate = FloatVector.fromArray(SPECIES, tables.rates, row);
    FloatVector h = FloatVector.fromArray(SPECIES, scan.start, 0);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      int from = panel + places[place + i];
      h.intoArray(scratch, step + ScanSteps.H_0);
      FloatVector size = FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.DT);
      FloatVector u = FloatVector.fromArray(SPECIES, scratch, from);
      FloatVector decay = ScanMath.decay(size, rate);
      decay.intoArray(scratch, step + ScanSteps.DECAY_0);
      h =
          h.lanewise(
              VectorOperators.FMA,
              decay,
              size.mul(u).mul(coefficients[i * StateQuad.COEFFICIENTS]));
    }
    h.intoArray(scratch, origin + count * ScanSteps.STRIDE + ScanSteps.H_0);
  }

  /**
   * Goes back along a chunk.
   *
   * @param at where the block's sums of parameter gradients lie
   * @param carried where its carry lies
   * @param delta where its gradient of the first step size goes, {@code stride} before the next
   */
  static void back(
      ScanBackward scan,
      ScanBackward.Call call,
      int row,
      int at,
      int carried,
      int panel,
      int place,
      ByteBuffer ddelta,
      int delta,
      int stride,
      int count) {
    int[] places = call.tables().places;
    float[] coefficients = scan.coefficients;
    float[] scratch = scan.scratch;
    int origin = scan.origin;
    int firstSum = scan.firstSum;
    int outputs = scan.outputs;
    int gradients = 2 * outputs;
    int zeros = panel + call.tables().padding();
    boolean isFirst = scan.isFirst;
    FloatVector rate = FloatVector.fromArray(SPECIES, call.tables().rates, row);
    FloatVector skip = FloatVector.fromArray(SPECIES, call.tables().skip, row);
    FloatVector drate = FloatVector.fromArray(SPECIES, call.sums().rates(), at);
    FloatVector dskip = FloatVector.fromArray(SPECIES, call.sums().skip(), at);
    FloatVector dbias = FloatVector.fromArray(SPECIES, call.sums().bias(), at);
    FloatVector next = FloatVector.fromArray(SPECIES, scan.carry, carried);
    FloatVector after =
        FloatVector.fromArray(SPECIES, scratch, origin + count * ScanSteps.STRIDE + ScanSteps.H_0);
    for (int i = count - 1; i >= 0; i--) {
      int step = origin + i * ScanSteps.STRIDE;
      int sum = firstSum + i * ScanSteps.SUMS;
      int from = panel + places[place + i];
      FloatVector input = FloatVector.fromArray(SPECIES, scratch, from);
      FloatVector output = FloatVector.fromArray(SPECIES, scratch, outputs + from);
      FloatVector size = FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.DT);
      FloatVector g =
          output.lanewise(
              VectorOperators.FMA,
              Lanes.all(coefficients[i * StateQuad.COEFFICIENTS + StateQuad.STATES]),
              next);
      Lanes.pairs(output.mul(after), g.mul(size.mul(input)))
          .add(FloatVector.fromArray(SPECIES, scratch, sum + ScanSteps.SUM_0))
          .intoArray(scratch, sum + ScanSteps.SUM_0);
      FloatVector byInput = g.mul(coefficients[i * StateQuad.COEFFICIENTS]);
      after = FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.H_0);
      next = g.mul(FloatVector.fromArray(SPECIES, scratch, step + ScanSteps.DECAY_0));
      FloatVector lost = next.mul(after);
      drate = lost.lanewise(VectorOperators.FMA, size, drate);
      FloatVector slope =
          byInput
              .lanewise(VectorOperators.FMA, input, lost.mul(rate).mul(LN_2))
              .mul(
                  ScanMath.slope(
                      FloatVector.fromArray(SPECIES, scratch, origin + ScanSteps.E + i * WIDTH)));
      Lanes.store(slope, ddelta, delta + i * stride);
      dbias = dbias.add(slope);
      dskip = output.lanewise(VectorOperators.FMA, input, dskip);
      FloatVector du = FloatVector.fromArray(SPECIES, scratch, isFirst ? zeros : gradients + from);
      du = byInput.lanewise(VectorOperators.FMA, size, du);
      output.lanewise(VectorOperators.FMA, skip, du).intoArray(scratch, gradients + from);
    }
    next.intoArray(scan.carry, carried);
    drate.intoArray(call.sums().rates(), at);
    dskip.intoArray(call.sums().skip(), at);
    dbias.intoArray(call.sums().bias(), at);
  }
}
