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
      float[] b,
      float[] c,
      int n,
      int stride,
      int count) {
    repeat(steps, origin, rates, at, states, from, b, n, stride, count);
    for (int j = 0; j < StateQuad.STATES; j++) {
      int first = origin + j * ScanSteps.NEXT_STATE;
      outputs(steps, origin, first, c, n + j, stride, count);
      int end = first + count * ScanSteps.STRIDE + ScanSteps.H_0;
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
      float[] b,
      int n,
      int stride,
      int count) {
    for (int j = 0; j < StateQuad.STATES; j++) {
      int first = origin + j * ScanSteps.NEXT_STATE;
      int lane = j * WIDTH;
      state(steps, origin, first, rates, at + lane, states, from + lane, b, n + j, stride, count);
    }
  }

  /**
   * Decays and states of one of the four.
   *
   * @param first where the first step would lie if this state were the first
   */
  private static void state(
      float[] steps,
      int origin,
      int first,
      float[] rates,
      int at,
      float[] states,
      int from,
      float[] b,
      int n,
      int stride,
      int count) {
    FloatVector rate = FloatVector.fromArray(SPECIES, rates, at);
    FloatVector h = FloatVector.fromArray(SPECIES, states, from);
    for (int i = 0; i < count; i++) {
      int step = origin + i * ScanSteps.STRIDE;
      int own = first + i * ScanSteps.STRIDE;
      h.intoArray(steps, own + ScanSteps.H_0);
      FloatVector size = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DT);
      FloatVector input = FloatVector.fromArray(SPECIES, steps, step + ScanSteps.DTU);
      FloatVector decay = ScanMath.decay(size, rate);
      decay.intoArray(steps, own + ScanSteps.DECAY_0);
      h = h.lanewise(VectorOperators.FMA, decay, input.mul(b[i * stride + n]));
    }
    h.intoArray(steps, first + count * ScanSteps.STRIDE + ScanSteps.H_0);
  }

  /** Adds what each step's state is after it, times its coefficient, to the outputs. */
  private static void outputs(
      float[] steps, int origin, int first, float[] c, int n, int stride, int count) {
    for (int i = 0; i < count; i++) {
      int out = origin + i * ScanSteps.STRIDE + ScanSteps.OUT;
      int after = first + (i + 1) * ScanSteps.STRIDE + ScanSteps.H_0;
      FloatVector.fromArray(SPECIES, steps, after)
          .lanewise(
              VectorOperators.FMA,
              Lanes.all(c[i * stride + n]),
              FloatVector.fromArray(SPECIES, steps, out))
          .intoArray(steps, out);
    }
  }
}
