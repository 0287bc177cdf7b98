package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Takes the gradients of four states of a block of channels back along a chunk.
 *
 * <p>{@link Lanes#pairs} is written out: with its four calls the loop is more than the compiler
 * merges.
 */
final class StateQuadGradient {
  private StateQuadGradient() {}

  /**
   * The backward recurrence.
   *
   * @param at where the decay rates lie
   * @param carries {@code a[t+1] g[t+1]} of the states, the first at {@code carried}
   * @param drates gradients of the rates, those of these states at {@code summed}
   * @param sums where the first step's sums over channels lie, to which those of these channels are
   *     added; see {@link ScanSteps#SUMS}
   * @param first where the {@link StateQuad#COEFFICIENTS} of the first step lie
   */
  static void back(
      float[] steps,
      int origin,
      float[] rates,
      int at,
      float[] carries,
      int carried,
      float[] drates,
      int summed,
      int sums,
      float[] coefficients,
      int first,
      int count) {
    FloatVector rate0 = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector rate1 = FloatVector.fromArray(SPECIES, rates, at + WIDTH);
    FloatVector rate2 = FloatVector.fromArray(SPECIES, rates, at + 2 * WIDTH);
    FloatVector rate3 = FloatVector.fromArray(SPECIES, rates, at + 3 * WIDTH);
    FloatVector next0 = FloatVector.fromArray(SPECIES, carries, carried);
    FloatVector next1 = FloatVector.fromArray(SPECIES, carries, carried + WIDTH);
    FloatVector next2 = FloatVector.fromArray(SPECIES, carries, carried + 2 * WIDTH);
    FloatVector next3 = FloatVector.fromArray(SPECIES, carries, carried + 3 * WIDTH);
    FloatVector drate0 = FloatVector.fromArray(SPECIES, drates, summed);
    FloatVector drate1 = FloatVector.fromArray(SPECIES, drates, summed + WIDTH);
    FloatVector drate2 = FloatVector.fromArray(SPECIES, drates, summed + 2 * WIDTH);
    FloatVector drate3 = FloatVector.fromArray(SPECIES, drates, summed + 3 * WIDTH);
    int end = origin + count * ScanSteps.STRIDE;
    FloatVector after0 = FloatVector.fromArray(SPECIES, steps, end + ScanSteps.H_0);
    FloatVector after1 = FloatVector.fromArray(SPECIES, steps, end + ScanSteps.H_1);
    FloatVector after2 = FloatVector.fromArray(SPECIES, steps, end + ScanSteps.H_2);
    FloatVector after3 = FloatVector.fromArray(SPECIES, steps, end + ScanSteps.H_3);
    for (int i = count - 1; i >= 0; i--) {
      int step = origin + i * ScanSteps.STRIDE;
      int sum = sums + i * ScanSteps.SUMS;
      int k = first + i * StateQuad.COEFFICIENTS;
      FloatVector output = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DY);
      FloatVector input = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DTU);
      FloatVector byInput = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.GB);
      FloatVector g0 =
          output.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 4]), next0);
      FloatVector dc0 = output.mul(after0);
      FloatVector db0 = g0.mul(input);
      dc0.add(
              dc0.reinterpretAsLongs()
                  .lanewise(VectorOperators.LSHR, Float.SIZE)
                  .reinterpretAsFloats())
          .blend(
              db0.add(
                  db0.reinterpretAsLongs()
                      .lanewise(VectorOperators.LSHL, Float.SIZE)
                      .reinterpretAsFloats()),
              Lanes.ODD)
          .add(FloatVector.fromArray(SPECIES, steps, sum + ScanSteps.SUM_0))
          .intoArray(steps, sum + ScanSteps.SUM_0);
      byInput =
          g0.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k]), byInput);
      FloatVector g1 =
          output.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 5]), next1);
      FloatVector dc1 = output.mul(after1);
      FloatVector db1 = g1.mul(input);
      dc1.add(
              dc1.reinterpretAsLongs()
                  .lanewise(VectorOperators.LSHR, Float.SIZE)
                  .reinterpretAsFloats())
          .blend(
              db1.add(
                  db1.reinterpretAsLongs()
                      .lanewise(VectorOperators.LSHL, Float.SIZE)
                      .reinterpretAsFloats()),
              Lanes.ODD)
          .add(FloatVector.fromArray(SPECIES, steps, sum + ScanSteps.SUM_1))
          .intoArray(steps, sum + ScanSteps.SUM_1);
      byInput =
          g1.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 1]), byInput);
      FloatVector g2 =
          output.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 6]), next2);
      FloatVector dc2 = output.mul(after2);
      FloatVector db2 = g2.mul(input);
      dc2.add(
              dc2.reinterpretAsLongs()
                  .lanewise(VectorOperators.LSHR, Float.SIZE)
                  .reinterpretAsFloats())
          .blend(
              db2.add(
                  db2.reinterpretAsLongs()
                      .lanewise(VectorOperators.LSHL, Float.SIZE)
                      .reinterpretAsFloats()),
              Lanes.ODD)
          .add(FloatVector.fromArray(SPECIES, steps, sum + ScanSteps.SUM_2))
          .intoArray(steps, sum + ScanSteps.SUM_2);
      byInput =
          g2.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 2]), byInput);
      FloatVector g3 =
          output.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 7]), next3);
      FloatVector dc3 = output.mul(after3);
      FloatVector db3 = g3.mul(input);
      dc3.add(
              dc3.reinterpretAsLongs()
                  .lanewise(VectorOperators.LSHR, Float.SIZE)
                  .reinterpretAsFloats())
          .blend(
              db3.add(
                  db3.reinterpretAsLongs()
                      .lanewise(VectorOperators.LSHL, Float.SIZE)
                      .reinterpretAsFloats()),
              Lanes.ODD)
          .add(FloatVector.fromArray(SPECIES, steps, sum + ScanSteps.SUM_3))
          .intoArray(steps, sum + ScanSteps.SUM_3);
      byInput =
          g3.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 3]), byInput);
      byInput.intoArray(steps, step + ScanSteps.GB);
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      FloatVector byDecay = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.GA);
      after0 = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.H_0);
      next0 = g0.mul(FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DECAY_0));
      FloatVector lost0 = next0.mul(after0);
      drate0 = lost0.lanewise(VectorOperators.FMA, size, drate0);
      byDecay = lost0.lanewise(VectorOperators.FMA, rate0, byDecay);
      after1 = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.H_1);
      next1 = g1.mul(FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DECAY_1));
      FloatVector lost1 = next1.mul(after1);
      drate1 = lost1.lanewise(VectorOperators.FMA, size, drate1);
      byDecay = lost1.lanewise(VectorOperators.FMA, rate1, byDecay);
      after2 = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.H_2);
      next2 = g2.mul(FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DECAY_2));
      FloatVector lost2 = next2.mul(after2);
      drate2 = lost2.lanewise(VectorOperators.FMA, size, drate2);
      byDecay = lost2.lanewise(VectorOperators.FMA, rate2, byDecay);
      after3 = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.H_3);
      next3 = g3.mul(FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DECAY_3));
      FloatVector lost3 = next3.mul(after3);
      drate3 = lost3.lanewise(VectorOperators.FMA, size, drate3);
      byDecay = lost3.lanewise(VectorOperators.FMA, rate3, byDecay);
      byDecay.intoArray(steps, step + ScanSteps.GA);
    }
    next0.intoArray(carries, carried);
    next1.intoArray(carries, carried + WIDTH);
    next2.intoArray(carries, carried + 2 * WIDTH);
    next3.intoArray(carries, carried + 3 * WIDTH);
    drate0.intoArray(drates, summed);
    drate1.intoArray(drates, summed + WIDTH);
    drate2.intoArray(drates, summed + 2 * WIDTH);
    drate3.intoArray(drates, summed + 3 * WIDTH);
  }
}
