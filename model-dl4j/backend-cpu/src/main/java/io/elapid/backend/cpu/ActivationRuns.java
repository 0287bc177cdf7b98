package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKind;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code y = act(scale x + shift)} and its derivative on a run of whole registers, with a scale and
 * a shift for each of its numbers. Outputs may take the place of inputs.
 */
record ActivationRuns(float[] scales, float[] shifts, int size) {
  // One small method for each loop: the compiler gives up on inlining vector operations in large
  // ones.

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  /** Maps the run at {@code start}. */
  void map(ActivationKind kind, ByteBuffer x, int start, ByteBuffer y) {
    switch (kind) {
      case IDENTITY -> clip(x, start, Float.NEGATIVE_INFINITY, y);
      case RELU -> clip(x, start, 0, y);
      case SIGMOID -> sigmoid(x, start, y);
      case SILU -> silu(x, start, y);
      case GELU -> gelu(x, start, y);
    }
  }

  /** {@code dx = dy act'(scale x + shift)} on the run at {@code start}; of curves only. */
  void derive(ActivationKind kind, ByteBuffer dy, ByteBuffer x, int start, ByteBuffer dx) {
    switch (kind) {
      case IDENTITY, RELU -> throw new IllegalArgumentException(kind + " is not a curve");
      case SIGMOID -> sigmoidGradient(dy, x, start, dx);
      case SILU -> siluGradient(dy, x, start, dx);
      case GELU -> geluGradient(dy, x, start, dx);
    }
  }

  private void clip(ByteBuffer x, int start, float least, ByteBuffer y) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v =
          Lanes.load(x, start + i).lanewise(VectorOperators.FMA, load(scales, i), load(shifts, i));
      Lanes.store(v.blend(least, v.compare(VectorOperators.LT, least)), y, start + i);
    }
  }

  private void sigmoid(ByteBuffer x, int start, ByteBuffer y) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v =
          Lanes.load(x, start + i).lanewise(VectorOperators.FMA, load(scales, i), load(shifts, i));
      Lanes.store(Curves.sigmoid(v), y, start + i);
    }
  }

  private void silu(ByteBuffer x, int start, ByteBuffer y) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v =
          Lanes.load(x, start + i).lanewise(VectorOperators.FMA, load(scales, i), load(shifts, i));
      Lanes.store(v.mul(Curves.sigmoid(v)), y, start + i);
    }
  }

  private void gelu(ByteBuffer x, int start, ByteBuffer y) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v =
          Lanes.load(x, start + i).lanewise(VectorOperators.FMA, load(scales, i), load(shifts, i));
      Lanes.store(v.mul(Curves.normalCdf(v)), y, start + i);
    }
  }

  private void sigmoidGradient(ByteBuffer dy, ByteBuffer x, int start, ByteBuffer dx) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v =
          Lanes.load(x, start + i).lanewise(VectorOperators.FMA, load(scales, i), load(shifts, i));
      FloatVector s = Curves.sigmoid(v);
      Lanes.store(Lanes.load(dy, start + i).mul(s.sub(s.mul(s))), dx, start + i);
    }
  }

  private void siluGradient(ByteBuffer dy, ByteBuffer x, int start, ByteBuffer dx) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v =
          Lanes.load(x, start + i).lanewise(VectorOperators.FMA, load(scales, i), load(shifts, i));
      Lanes.store(Lanes.load(dy, start + i).mul(Curves.siluSlope(v)), dx, start + i);
    }
  }

  private void geluGradient(ByteBuffer dy, ByteBuffer x, int start, ByteBuffer dx) {
    for (int i = 0; i < size; i += WIDTH) {
      FloatVector v =
          Lanes.load(x, start + i).lanewise(VectorOperators.FMA, load(scales, i), load(shifts, i));
      Lanes.store(Lanes.load(dy, start + i).mul(Curves.geluSlope(v)), dx, start + i);
    }
  }
}
