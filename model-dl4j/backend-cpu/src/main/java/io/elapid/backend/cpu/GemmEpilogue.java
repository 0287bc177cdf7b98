package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ConvolutionKernel.Forward;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@code act(scale[row] * c + shift[row])}, on tiles while they are in the nearest cache. */
final class GemmEpilogue {
  private final float[] scale;
  private final float[] shift;
  private final ActivationKind activation;
  private final boolean isAffine;

  private GemmEpilogue(float[] scale, float[] shift, ActivationKind activation, boolean isAffine) {
    this.scale = scale;
    this.shift = shift;
    this.activation = activation;
    this.isAffine = isAffine;
  }

  static GemmEpilogue of(Forward a, int outputs) {
    return new GemmEpilogue(
        values(a.scale(), outputs, 1),
        values(a.shift(), outputs, 0),
        a.activation(),
        a.scale().isPresent() || a.shift().isPresent());
  }

  private static float[] values(Optional<Tensor> tensor, int count, float otherwise) {
    float[] values = new float[count];
    if (tensor.isEmpty()) {
      Arrays.fill(values, otherwise);
    } else {
      for (int i = 0; i < count; i++) {
        values[i] = Lanes.get(tensor.get().bytes(), i);
      }
    }
    return values;
  }

  void apply(float[] tile, int row, int rows) {
    for (int r = 0; r < rows && isAffine; r++) {
      affine(tile, r * PANEL, PANEL, scale[row + r], shift[row + r]);
    }
    activate(activation, tile, rows * PANEL);
  }

  /** The same for the first {@code count} values, whole registers of one output. */
  void apply(int output, float[] values, int count) {
    if (isAffine) {
      affine(values, 0, count, scale[output], shift[output]);
    }
    activate(activation, values, count);
  }

  private static void activate(ActivationKind activation, float[] tile, int count) {
    switch (activation) {
      case IDENTITY -> {}
      case RELU -> relu(tile, count);
      case SIGMOID -> sigmoid(tile, count);
      case SILU -> silu(tile, count);
      case GELU -> gelu(tile, count);
    }
  }

  private static FloatVector load(float[] from, int index) {
    return FloatVector.fromArray(SPECIES, from, index);
  }

  private static void affine(float[] tile, int start, int count, float scale, float shift) {
    for (int i = start; i < start + count; i += WIDTH) {
      load(tile, i)
          .lanewise(VectorOperators.FMA, Lanes.all(scale), Lanes.all(shift))
          .intoArray(tile, i);
    }
  }

  private static void relu(float[] tile, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      Lanes.relu(load(tile, i)).intoArray(tile, i);
    }
  }

  private static void sigmoid(float[] tile, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      Curves.sigmoid(load(tile, i)).intoArray(tile, i);
    }
  }

  private static void silu(float[] tile, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector v = load(tile, i);
      v.mul(Curves.sigmoid(v)).intoArray(tile, i);
    }
  }

  private static void gelu(float[] tile, int count) {
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector v = load(tile, i);
      v.mul(Curves.normalCdf(v)).intoArray(tile, i);
    }
  }
}
