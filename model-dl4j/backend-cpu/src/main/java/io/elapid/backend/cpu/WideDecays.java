package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What {@link StateQuad} does, for chunks in which decays may be less than normal numbers, or none:
 * one state at a time, with {@link ScanMath#decay} whole. Networks have no such steps unless they
 * diverge.
 */
final class WideDecays {
  private WideDecays() {}

  /** {@link StateQuad#forward}. */
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
    repeat(steps, origin, rates, at, states, from, coefficients, first, count);
    for (int j = 0; j < StateQuad.STATES; j++) {
      int own = origin + j * ScanSteps.NEXT_STATE;
      outputs(steps, origin, own, coefficients, first + StateQuad.STATES + j, count);
      int end = own + count * ScanSteps.STRIDE + ScanSteps.H_0;
      System.arraycopy(steps, end, states, from + j * WIDTH, WIDTH);
    }
  }

  /** {@link StateQuad#repeat}. */
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
    for (int j = 0; j < StateQuad.STATES; j++) {
      int own = origin + j * ScanSteps.NEXT_STATE;
      int lane = j * WIDTH;
      state(
          steps,
          origin,
          own,
          rates,
          at + lane,
          states,
          from + lane,
          coefficients,
          first + j,
          count);
    }
  }

  /**
   * Decays and states of one of the four.
   *
   * @param own where the first step would lie if this state were the first
   * @param first where the first step's coefficient lies
   */
  private static void state(
      float[] steps,
      int origin,
      int own,
      float[] rates,
      int at,
      float[] states,
      int from,
      float[] coefficients,
      int first,
      int count) {
    FloatVector rate = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector h = FloatVector.fromArray(SPECIES, states, from);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      int to = own + i * ScanSteps.STRIDE;
      h.intoArray(steps, to + ScanSteps.H_0);
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      FloatVector input = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DTU);
      FloatVector decay = ScanMath.decay(size, rate);
      decay.intoArray(steps, to + ScanSteps.DECAY_0);
      float b = coefficients[first + i * StateQuad.COEFFICIENTS];
      h = h.lanewise(VectorOperators.FMA, decay, input.mul(b));
    }
    h.intoArray(steps, own + count * ScanSteps.STRIDE + ScanSteps.H_0);
  }

  /** Adds what each step's state is after it, times its coefficient, to the outputs. */
  private static void outputs(
      float[] steps, int origin, int own, float[] coefficients, int first, int count) {
    for (int i = 0; i < count; i++) {
      int out = origin + i * ScanSteps.STRIDE + ScanSteps.OUT;
      int after = own + (i + 1) * ScanSteps.STRIDE + ScanSteps.H_0;
      FloatVector.fromArray(SPECIES, steps, after)
          .lanewise(
              VectorOperators.FMA,
              Lanes.all(coefficients[first + i * StateQuad.COEFFICIENTS]),
              FloatVector.fromArray(SPECIES, steps, out))
          .intoArray(steps, out);
    }
  }
}
