package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;
import static io.elapid.backend.cpu.ScanMath.EXP_1;
import static io.elapid.backend.cpu.ScanMath.EXP_2;
import static io.elapid.backend.cpu.ScanMath.EXP_3;
import static io.elapid.backend.cpu.ScanMath.EXP_4;
import static io.elapid.backend.cpu.ScanMath.EXP_5;
import static io.elapid.backend.cpu.ScanMath.EXP_6;
import static io.elapid.backend.cpu.ScanMath.ROUND;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Takes four states of a block of channels along a chunk, whose {@link ScanSteps} they share: four
 * recurrences keep a processor busy that would wait for one, and what all states read and add to is
 * read and written a quarter as often.
 *
 * <p>Decays are {@link ScanMath#normalDecay}, for chunks in which none of them leaves the range of
 * normal numbers; {@link WideDecays} has the others.
 *
 * <p>Every loop over registers has a method to itself and calls nothing but arithmetic: a loop that
 * the compiler merges with others may leave its registers on the heap.
 */
final class StateQuad {
  /** How many. */
  static final int STATES = 4;

  /** Coefficients of a step: of b for each state, then of c. */
  static final int COEFFICIENTS = 2 * STATES;

  private StateQuad() {}

  /**
   * Adds the states' outputs to those of the steps.
   *
   * @param origin where the first step lies
   * @param at where the decay rates lie
   * @param from where the states lie, which go on to the end of the chunk
   * @param first where the {@link #COEFFICIENTS} of the first step lie
   */
  static void forward(
      float[] steps,
      int origin,
      float[] rates,
      int at,
      float[] states,
      int from,
      float[] coefficients,
      int first,
      int count) {
    FloatVector rate0 = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector rate1 = FloatVector.fromArray(SPECIES, rates, at + WIDTH);
    FloatVector rate2 = FloatVector.fromArray(SPECIES, rates, at + 2 * WIDTH);
    FloatVector rate3 = FloatVector.fromArray(SPECIES, rates, at + 3 * WIDTH);
    FloatVector h0 = FloatVector.fromArray(SPECIES, states, from);
    FloatVector h1 = FloatVector.fromArray(SPECIES, states, from + WIDTH);
    FloatVector h2 = FloatVector.fromArray(SPECIES, states, from + 2 * WIDTH);
    FloatVector h3 = FloatVector.fromArray(SPECIES, states, from + 3 * WIDTH);
    FloatVector exp6 = Lanes.all(EXP_6);
    FloatVector exp5 = Lanes.all(EXP_5);
    FloatVector exp4 = Lanes.all(EXP_4);
    FloatVector exp3 = Lanes.all(EXP_3);
    FloatVector exp2 = Lanes.all(EXP_2);
    FloatVector exp1 = Lanes.all(EXP_1);
    FloatVector one = Lanes.all(1f);
    FloatVector round = Lanes.all(ROUND);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      int k = first + i * COEFFICIENTS;
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      FloatVector input = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DTU);
      FloatVector out = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.OUT);
      FloatVector shifted0 = size.lanewise(VectorOperators.FMA, rate0, round);
      FloatVector f0 = size.lanewise(VectorOperators.FMA, rate0, round.sub(shifted0));
      FloatVector p0 = f0.lanewise(VectorOperators.FMA, exp6, exp5);
      p0 = p0.lanewise(VectorOperators.FMA, f0, exp4);
      p0 = p0.lanewise(VectorOperators.FMA, f0, exp3);
      p0 = p0.lanewise(VectorOperators.FMA, f0, exp2);
      p0 = p0.lanewise(VectorOperators.FMA, f0, exp1);
      p0 = p0.lanewise(VectorOperators.FMA, f0, one);
      FloatVector decay0 =
          p0.reinterpretAsInts()
              .add(shifted0.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      h0 = h0.lanewise(VectorOperators.FMA, decay0, input.mul(coefficients[k]));
      out =
          h0.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 4]), out);
      FloatVector shifted1 = size.lanewise(VectorOperators.FMA, rate1, round);
      FloatVector f1 = size.lanewise(VectorOperators.FMA, rate1, round.sub(shifted1));
      FloatVector p1 = f1.lanewise(VectorOperators.FMA, exp6, exp5);
      p1 = p1.lanewise(VectorOperators.FMA, f1, exp4);
      p1 = p1.lanewise(VectorOperators.FMA, f1, exp3);
      p1 = p1.lanewise(VectorOperators.FMA, f1, exp2);
      p1 = p1.lanewise(VectorOperators.FMA, f1, exp1);
      p1 = p1.lanewise(VectorOperators.FMA, f1, one);
      FloatVector decay1 =
          p1.reinterpretAsInts()
              .add(shifted1.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      h1 = h1.lanewise(VectorOperators.FMA, decay1, input.mul(coefficients[k + 1]));
      out =
          h1.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 5]), out);
      FloatVector shifted2 = size.lanewise(VectorOperators.FMA, rate2, round);
      FloatVector f2 = size.lanewise(VectorOperators.FMA, rate2, round.sub(shifted2));
      FloatVector p2 = f2.lanewise(VectorOperators.FMA, exp6, exp5);
      p2 = p2.lanewise(VectorOperators.FMA, f2, exp4);
      p2 = p2.lanewise(VectorOperators.FMA, f2, exp3);
      p2 = p2.lanewise(VectorOperators.FMA, f2, exp2);
      p2 = p2.lanewise(VectorOperators.FMA, f2, exp1);
      p2 = p2.lanewise(VectorOperators.FMA, f2, one);
      FloatVector decay2 =
          p2.reinterpretAsInts()
              .add(shifted2.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      h2 = h2.lanewise(VectorOperators.FMA, decay2, input.mul(coefficients[k + 2]));
      out =
          h2.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 6]), out);
      FloatVector shifted3 = size.lanewise(VectorOperators.FMA, rate3, round);
      FloatVector f3 = size.lanewise(VectorOperators.FMA, rate3, round.sub(shifted3));
      FloatVector p3 = f3.lanewise(VectorOperators.FMA, exp6, exp5);
      p3 = p3.lanewise(VectorOperators.FMA, f3, exp4);
      p3 = p3.lanewise(VectorOperators.FMA, f3, exp3);
      p3 = p3.lanewise(VectorOperators.FMA, f3, exp2);
      p3 = p3.lanewise(VectorOperators.FMA, f3, exp1);
      p3 = p3.lanewise(VectorOperators.FMA, f3, one);
      FloatVector decay3 =
          p3.reinterpretAsInts()
              .add(shifted3.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      h3 = h3.lanewise(VectorOperators.FMA, decay3, input.mul(coefficients[k + 3]));
      out =
          h3.lanewise(
              VectorOperators.FMA, FloatVector.broadcast(SPECIES, coefficients[k + 7]), out);
      out.intoArray(steps, step + ScanSteps.OUT);
    }
    h0.intoArray(states, from);
    h1.intoArray(states, from + WIDTH);
    h2.intoArray(states, from + 2 * WIDTH);
    h3.intoArray(states, from + 3 * WIDTH);
  }

  /** Decays and states of a chunk, from the states before the chunk at {@code from}. */
  static void repeat(
      float[] steps,
      int origin,
      float[] rates,
      int at,
      float[] states,
      int from,
      float[] coefficients,
      int first,
      int count) {
    FloatVector rate0 = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector rate1 = FloatVector.fromArray(SPECIES, rates, at + WIDTH);
    FloatVector rate2 = FloatVector.fromArray(SPECIES, rates, at + 2 * WIDTH);
    FloatVector rate3 = FloatVector.fromArray(SPECIES, rates, at + 3 * WIDTH);
    FloatVector h0 = FloatVector.fromArray(SPECIES, states, from);
    FloatVector h1 = FloatVector.fromArray(SPECIES, states, from + WIDTH);
    FloatVector h2 = FloatVector.fromArray(SPECIES, states, from + 2 * WIDTH);
    FloatVector h3 = FloatVector.fromArray(SPECIES, states, from + 3 * WIDTH);
    FloatVector exp6 = Lanes.all(EXP_6);
    FloatVector exp5 = Lanes.all(EXP_5);
    FloatVector exp4 = Lanes.all(EXP_4);
    FloatVector exp3 = Lanes.all(EXP_3);
    FloatVector exp2 = Lanes.all(EXP_2);
    FloatVector exp1 = Lanes.all(EXP_1);
    FloatVector one = Lanes.all(1f);
    FloatVector round = Lanes.all(ROUND);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      int k = first + i * COEFFICIENTS;
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      FloatVector input = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DTU);
      h0.intoArray(steps, step + ScanSteps.H_0);
      FloatVector shifted0 = size.lanewise(VectorOperators.FMA, rate0, round);
      FloatVector f0 = size.lanewise(VectorOperators.FMA, rate0, round.sub(shifted0));
      FloatVector p0 = f0.lanewise(VectorOperators.FMA, exp6, exp5);
      p0 = p0.lanewise(VectorOperators.FMA, f0, exp4);
      p0 = p0.lanewise(VectorOperators.FMA, f0, exp3);
      p0 = p0.lanewise(VectorOperators.FMA, f0, exp2);
      p0 = p0.lanewise(VectorOperators.FMA, f0, exp1);
      p0 = p0.lanewise(VectorOperators.FMA, f0, one);
      FloatVector decay0 =
          p0.reinterpretAsInts()
              .add(shifted0.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      decay0.intoArray(steps, step + ScanSteps.DECAY_0);
      h0 = h0.lanewise(VectorOperators.FMA, decay0, input.mul(coefficients[k]));
      h1.intoArray(steps, step + ScanSteps.H_1);
      FloatVector shifted1 = size.lanewise(VectorOperators.FMA, rate1, round);
      FloatVector f1 = size.lanewise(VectorOperators.FMA, rate1, round.sub(shifted1));
      FloatVector p1 = f1.lanewise(VectorOperators.FMA, exp6, exp5);
      p1 = p1.lanewise(VectorOperators.FMA, f1, exp4);
      p1 = p1.lanewise(VectorOperators.FMA, f1, exp3);
      p1 = p1.lanewise(VectorOperators.FMA, f1, exp2);
      p1 = p1.lanewise(VectorOperators.FMA, f1, exp1);
      p1 = p1.lanewise(VectorOperators.FMA, f1, one);
      FloatVector decay1 =
          p1.reinterpretAsInts()
              .add(shifted1.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      decay1.intoArray(steps, step + ScanSteps.DECAY_1);
      h1 = h1.lanewise(VectorOperators.FMA, decay1, input.mul(coefficients[k + 1]));
      h2.intoArray(steps, step + ScanSteps.H_2);
      FloatVector shifted2 = size.lanewise(VectorOperators.FMA, rate2, round);
      FloatVector f2 = size.lanewise(VectorOperators.FMA, rate2, round.sub(shifted2));
      FloatVector p2 = f2.lanewise(VectorOperators.FMA, exp6, exp5);
      p2 = p2.lanewise(VectorOperators.FMA, f2, exp4);
      p2 = p2.lanewise(VectorOperators.FMA, f2, exp3);
      p2 = p2.lanewise(VectorOperators.FMA, f2, exp2);
      p2 = p2.lanewise(VectorOperators.FMA, f2, exp1);
      p2 = p2.lanewise(VectorOperators.FMA, f2, one);
      FloatVector decay2 =
          p2.reinterpretAsInts()
              .add(shifted2.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      decay2.intoArray(steps, step + ScanSteps.DECAY_2);
      h2 = h2.lanewise(VectorOperators.FMA, decay2, input.mul(coefficients[k + 2]));
      h3.intoArray(steps, step + ScanSteps.H_3);
      FloatVector shifted3 = size.lanewise(VectorOperators.FMA, rate3, round);
      FloatVector f3 = size.lanewise(VectorOperators.FMA, rate3, round.sub(shifted3));
      FloatVector p3 = f3.lanewise(VectorOperators.FMA, exp6, exp5);
      p3 = p3.lanewise(VectorOperators.FMA, f3, exp4);
      p3 = p3.lanewise(VectorOperators.FMA, f3, exp3);
      p3 = p3.lanewise(VectorOperators.FMA, f3, exp2);
      p3 = p3.lanewise(VectorOperators.FMA, f3, exp1);
      p3 = p3.lanewise(VectorOperators.FMA, f3, one);
      FloatVector decay3 =
          p3.reinterpretAsInts()
              .add(shifted3.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      decay3.intoArray(steps, step + ScanSteps.DECAY_3);
      h3 = h3.lanewise(VectorOperators.FMA, decay3, input.mul(coefficients[k + 3]));
    }
    int end = origin + count * ScanSteps.STRIDE;
    h0.intoArray(steps, end + ScanSteps.H_0);
    h1.intoArray(steps, end + ScanSteps.H_1);
    h2.intoArray(steps, end + ScanSteps.H_2);
    h3.intoArray(steps, end + ScanSteps.H_3);
  }
}
