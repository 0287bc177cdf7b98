package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;
import static io.elapid.backend.cpu.ScanMath.EXP_1;
import static io.elapid.backend.cpu.ScanMath.EXP_2;
import static io.elapid.backend.cpu.ScanMath.EXP_3;
import static io.elapid.backend.cpu.ScanMath.EXP_4;
import static io.elapid.backend.cpu.ScanMath.EXP_5;
import static io.elapid.backend.cpu.ScanMath.EXP_6;
import static io.elapid.backend.cpu.ScanMath.LEAST;
import static io.elapid.backend.cpu.ScanMath.ROUND;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Takes two states of a block of channels along a chunk, whose {@link ScanSteps} they share: two
 * recurrences keep a processor busy that would wait for one, and what all states read and add to is
 * read and written half as often.
 *
 * <p>Every loop over registers has a method to itself and calls nothing but arithmetic: a loop that
 * the compiler merges with others may leave its registers on the heap.
 */
final class StatePair {
  private StatePair() {}

  /**
   * Adds both states' outputs to those of the steps.
   *
   * @param origin where the first step lies
   * @param at where the decay rates lie
   * @param from where the states lie, which go on to the end of the chunk
   * @param n of the first state
   * @param stride coefficients of a step
   */
  static void forward(
      float[] steps,
      int origin,
      float[] rates,
      int at,
      float[] states,
      int from,
      float[] b,
      float[] c,
      int n,
      int stride,
      int count) {
    FloatVector rate = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector rate2 = FloatVector.fromArray(SPECIES, rates, at + WIDTH);
    FloatVector h = FloatVector.fromArray(SPECIES, states, from);
    FloatVector h2 = FloatVector.fromArray(SPECIES, states, from + WIDTH);
    FloatVector exp6 = Lanes.all(EXP_6);
    FloatVector exp5 = Lanes.all(EXP_5);
    FloatVector exp4 = Lanes.all(EXP_4);
    FloatVector exp3 = Lanes.all(EXP_3);
    FloatVector exp2 = Lanes.all(EXP_2);
    FloatVector exp1 = Lanes.all(EXP_1);
    FloatVector one = Lanes.all(1f);
    FloatVector round = Lanes.all(ROUND);
    FloatVector least = Lanes.all(LEAST);
    FloatVector zero = Lanes.zero();
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      int k = i * stride + n;
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      FloatVector input = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DTU);
      FloatVector shifted = size.lanewise(VectorOperators.FMA, rate, round);
      FloatVector f = size.lanewise(VectorOperators.FMA, rate, round.sub(shifted));
      FloatVector p = f.lanewise(VectorOperators.FMA, exp6, exp5);
      p = p.lanewise(VectorOperators.FMA, f, exp4);
      p = p.lanewise(VectorOperators.FMA, f, exp3);
      p = p.lanewise(VectorOperators.FMA, f, exp2);
      p = p.lanewise(VectorOperators.FMA, f, exp1);
      p = p.lanewise(VectorOperators.FMA, f, one);
      FloatVector decay =
          p.reinterpretAsInts()
              .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats()
              .blend(zero, shifted.compare(VectorOperators.LT, least));
      h = h.lanewise(VectorOperators.FMA, decay, input.mul(b[k]));
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
              .reinterpretAsFloats()
              .blend(zero, shifted2.compare(VectorOperators.LT, least));
      h2 = h2.lanewise(VectorOperators.FMA, decay2, input.mul(b[k + 1]));
      FloatVector out = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.OUT);
      out = h.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, c[k]), out);
      h2.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, c[k + 1]), out)
          .intoArray(steps, step + ScanSteps.OUT);
    }
    h.intoArray(states, from);
    h2.intoArray(states, from + WIDTH);
  }

  /** Decays and states of a chunk, from the states before the chunk at {@code from}. */
  static void repeat(
      float[] steps,
      int origin,
      float[] rates,
      int at,
      float[] states,
      int from,
      float[] b,
      int n,
      int stride,
      int count) {
    FloatVector rate = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector rate2 = FloatVector.fromArray(SPECIES, rates, at + WIDTH);
    FloatVector h = FloatVector.fromArray(SPECIES, states, from);
    FloatVector h2 = FloatVector.fromArray(SPECIES, states, from + WIDTH);
    FloatVector exp6 = Lanes.all(EXP_6);
    FloatVector exp5 = Lanes.all(EXP_5);
    FloatVector exp4 = Lanes.all(EXP_4);
    FloatVector exp3 = Lanes.all(EXP_3);
    FloatVector exp2 = Lanes.all(EXP_2);
    FloatVector exp1 = Lanes.all(EXP_1);
    FloatVector one = Lanes.all(1f);
    FloatVector round = Lanes.all(ROUND);
    FloatVector least = Lanes.all(LEAST);
    FloatVector zero = Lanes.zero();
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      int k = i * stride + n;
      h.intoArray(steps, step + ScanSteps.H);
      h2.intoArray(steps, step + ScanSteps.H_2);
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      FloatVector input = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DTU);
      FloatVector shifted = size.lanewise(VectorOperators.FMA, rate, round);
      FloatVector f = size.lanewise(VectorOperators.FMA, rate, round.sub(shifted));
      FloatVector p = f.lanewise(VectorOperators.FMA, exp6, exp5);
      p = p.lanewise(VectorOperators.FMA, f, exp4);
      p = p.lanewise(VectorOperators.FMA, f, exp3);
      p = p.lanewise(VectorOperators.FMA, f, exp2);
      p = p.lanewise(VectorOperators.FMA, f, exp1);
      p = p.lanewise(VectorOperators.FMA, f, one);
      FloatVector decay =
          p.reinterpretAsInts()
              .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats()
              .blend(zero, shifted.compare(VectorOperators.LT, least));
      decay.intoArray(steps, step + ScanSteps.DECAY);
      h = h.lanewise(VectorOperators.FMA, decay, input.mul(b[k]));
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
              .reinterpretAsFloats()
              .blend(zero, shifted2.compare(VectorOperators.LT, least));
      decay2.intoArray(steps, step + ScanSteps.DECAY_2);
      h2 = h2.lanewise(VectorOperators.FMA, decay2, input.mul(b[k + 1]));
    }
    h.intoArray(steps, origin + count * ScanSteps.STRIDE + ScanSteps.H);
    h2.intoArray(steps, origin + count * ScanSteps.STRIDE + ScanSteps.H_2);
  }

  /**
   * The backward recurrence.
   *
   * @param at where the decay rates lie
   * @param carries {@code a[t+1] g[t+1]} of the first state at {@code carried}, then of the second
   * @param drates gradients of the rates, those of this pair at {@code summed}
   * @param old where sums over channels lie to which those of these channels are added, {@code
   *     oldStride} from one step's to the next's
   * @param first where the new sums go; see {@link ScanSteps#SUMS}
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
      int old,
      int oldStride,
      int first,
      float[] b,
      float[] c,
      int n,
      int stride,
      int count) {
    FloatVector rate = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector rate2 = FloatVector.fromArray(SPECIES, rates, at + WIDTH);
    FloatVector next = FloatVector.fromArray(SPECIES, carries, carried);
    FloatVector next2 = FloatVector.fromArray(SPECIES, carries, carried + WIDTH);
    FloatVector drate = FloatVector.fromArray(SPECIES, drates, summed);
    FloatVector drate2 = FloatVector.fromArray(SPECIES, drates, summed + WIDTH);
    int end = origin + count * ScanSteps.STRIDE;
    FloatVector after = FloatVector.fromArray(SPECIES, steps, end + ScanSteps.H);
    FloatVector after2 = FloatVector.fromArray(SPECIES, steps, end + ScanSteps.H_2);
    for (int i = count - 1; i >= 0; i--) {
      int step = origin + i * ScanSteps.STRIDE;
      int sum = first + i * ScanSteps.SUMS;
      int before = old + i * oldStride;
      int k = i * stride + n;
      FloatVector output = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DY);
      FloatVector g =
          output.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, c[k]), next);
      FloatVector g2 =
          output.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, c[k + 1]), next2);
      FloatVector dc = FloatVector.fromArray(SPECIES, steps, before + ScanSteps.DC);
      output.lanewise(VectorOperators.FMA, after, dc).intoArray(steps, sum + ScanSteps.DC);
      FloatVector dc2 = FloatVector.fromArray(SPECIES, steps, before + ScanSteps.DC_2);
      output.lanewise(VectorOperators.FMA, after2, dc2).intoArray(steps, sum + ScanSteps.DC_2);
      FloatVector input = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DTU);
      FloatVector db = FloatVector.fromArray(SPECIES, steps, before + ScanSteps.DB);
      g.lanewise(VectorOperators.FMA, input, db).intoArray(steps, sum + ScanSteps.DB);
      FloatVector db2 = FloatVector.fromArray(SPECIES, steps, before + ScanSteps.DB_2);
      g2.lanewise(VectorOperators.FMA, input, db2).intoArray(steps, sum + ScanSteps.DB_2);
      FloatVector byInput = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.GB);
      byInput = g.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, b[k]), byInput);
      g2.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, b[k + 1]), byInput)
          .intoArray(steps, step + ScanSteps.GB);
      after = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.H);
      after2 = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.H_2);
      next = g.mul(FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DECAY));
      next2 = g2.mul(FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DECAY_2));
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      FloatVector lost = next.mul(after);
      FloatVector lost2 = next2.mul(after2);
      drate = lost.lanewise(VectorOperators.FMA, size, drate);
      drate2 = lost2.lanewise(VectorOperators.FMA, size, drate2);
      FloatVector byDecay = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.GA);
      byDecay = lost.lanewise(VectorOperators.FMA, rate, byDecay);
      lost2.lanewise(VectorOperators.FMA, rate2, byDecay).intoArray(steps, step + ScanSteps.GA);
    }
    next.intoArray(carries, carried);
    next2.intoArray(carries, carried + WIDTH);
    drate.intoArray(drates, summed);
    drate2.intoArray(drates, summed + WIDTH);
  }
}
