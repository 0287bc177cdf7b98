package io.elapid.op;

import io.elapid.kernel.FoldingKernel;
import io.elapid.kernel.KernelSet;
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
    FoldingKernel kernel = kernels.folding();
    int last = operands.inputs() - 1;
    FoldingKernel.Shortcut call =
        new FoldingKernel.Shortcut(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(3),
            attribute(0),
            last > 5 ? Optional.of(operands.in(4)) : Optional.empty(),
            operands.in(last - 1),
            operands.in(last),
            operands.out(0),
            operands.out(1));
    return () -> kernel.shortcut(call);
  }
}
