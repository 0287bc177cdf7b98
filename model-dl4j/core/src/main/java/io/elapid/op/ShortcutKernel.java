package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * A depthwise convolution with a norm, its shortcuts and the norm behind their sum as one
 * convolution: from {@code (w, scale1, shift1, factor, [bias], scale2, shift2)} to the kernel
 * {@code scale1 w + (factor + offset) at the middle tap}, shaped as {@code w: (C, 1, kH, kW)}, and
 * the shift {@code scale2 (shift1 + bias) + shift2: (C)}; {@code scale2} is left to the
 * convolution. An operation of compiled programs: it has no gradient.
 */
public final class ShortcutKernel extends ElapidOp {
  private ShortcutKernel() {}

  /** The operation for the shortcuts that {@code affine} adds to the convolution. */
  public static ShortcutKernel of(ChannelAffine affine) {
    ShortcutKernel op = new ShortcutKernel();
    op.addIArgument(affine.attribute(0));
    return op;
  }

  @Override
  public String opName() {
    return "elapid_shortcut_kernel";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] w = inputs.get(0);
    requireChannels(inputs, 1, w[0]);
    require(elements(w) / w[0] % 2 == 1, "kernel %s has no middle", shape(w));
    return List.of(w, new long[] {w[0]});
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    int last = operands.inputs() - 1;
    int offset = attribute(0);
    Tensor w = operands.in(0);
    Tensor innerScale = operands.in(1);
    Tensor innerShift = operands.in(2);
    Tensor factor = operands.in(3);
    Optional<Tensor> bias = last > 5 ? Optional.of(operands.in(4)) : Optional.empty();
    Tensor outerScale = operands.in(last - 1);
    Tensor outerShift = operands.in(last);
    Tensor kernel = operands.out(0);
    Tensor shift = operands.out(1);
    int taps = w.sizeFrom(1);
    return () -> {
      kernels.settle();
      for (int c = 0; c < shift.size(); c++) {
        double scale = innerScale.at(c);
        for (int tap = 0; tap < taps; tap++) {
          double shortcut = tap == taps / 2 ? factor.at(c) + offset : 0;
          kernel.put(c * taps + tap, scale * w.at(c * taps + tap) + shortcut);
        }
        double added = bias.isPresent() ? bias.get().at(c) : 0;
        shift.put(c, outerScale.at(c) * (innerShift.at(c) + added) + outerShift.at(c));
      }
    };
  }
}
