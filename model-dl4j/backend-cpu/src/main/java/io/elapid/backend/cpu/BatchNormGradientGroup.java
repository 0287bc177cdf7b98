package io.elapid.backend.cpu;

import io.elapid.backend.cpu.BatchNormRows.Gates;
import io.elapid.backend.cpu.BatchNormRows.Slopes;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Gradients of a group of channels. A ReLU is opened anew in both passes; the gradient before a
 * curve is written to {@code dx} in the first and read there in the second.
 */
record BatchNormGradientGroup(
    ChannelRows rows,
    int first,
    BatchNormAffines affines,
    ActivationKind activation,
    ByteBuffer dy,
    ByteBuffer x,
    ByteBuffer dx) {

  private boolean isCurve() {
    return activation != ActivationKind.IDENTITY && activation != ActivationKind.RELU;
  }

  /** Gradient in the activation's input, apart from a ReLU's gate. */
  private ByteBuffer inner() {
    return isCurve() ? dx : dy;
  }

  /**
   * Writes all gradients.
   *
   * @param values that the statistics are of; infinite where they are constants
   */
  void run(double values, Tensor dgamma, Tensor dbeta) {
    BatchNormGroup sums = new BatchNormGroup(rows, first, first + affines.channels());
    Gates gates = gates();
    sums.sum(rows.batch(), isCurve() ? curved() : gated(gates));
    Slopes all = sums.slopes(affines, values, dgamma, dbeta);
    for (int b = 0; b < rows.batch(); b++) {
      BatchNormRows.inputGradient(inner(), x, rows.row(b, first), rows.length(), all, gates, dx);
    }
  }

  private BatchNormGroup.SampleSum curved() {
    CurveGradientRows curves =
        new CurveGradientRows(rows.length(), affines.scales(), affines.shifts(), affines.means());
    return (start, registers) -> curves.derive(activation, dy, x, start, dx, registers);
  }

  private BatchNormGroup.SampleSum gated(Gates gates) {
    return (start, registers) ->
        BatchNormRows.addGradientSums(
            dy, x, start, rows.length(), affines.means(), gates, registers);
  }

  /** A ReLU's argument, or 1. */
  private Gates gates() {
    if (activation == ActivationKind.RELU) {
      return new Gates(affines.scales(), affines.shifts());
    }
    float[] ones = new float[affines.channels()];
    Arrays.fill(ones, 1);
    return new Gates(new float[affines.channels()], ones);
  }
}
