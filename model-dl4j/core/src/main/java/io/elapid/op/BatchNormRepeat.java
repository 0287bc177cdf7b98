package io.elapid.op;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.KernelSet;
import java.util.List;

/**
 * The output of a {@link BatchNorm} once more, to the same bits, from {@code (x, gamma, beta, mean,
 * invStd)}. An operation of compiled programs: it has no gradient.
 */
public final class BatchNormRepeat extends ElapidOp {
  private BatchNormRepeat() {}

  /** The operation for the activation of {@code norm}. */
  public static BatchNormRepeat of(BatchNorm norm) {
    BatchNormRepeat op = new BatchNormRepeat();
    op.addIArgument(norm.attribute(0));
    return op;
  }

  @Override
  public String opName() {
    return "elapid_batch_norm_repeat";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    requireChannels(inputs, 1, inputs.get(0)[1]);
    return List.of(inputs.get(0));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    BatchNormKernel kernel = kernels.batchNorm();
    var call =
        new BatchNormKernel.Repeat(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(3),
            operands.in(4),
            ActivationKind.ofCode(attribute(0)),
            operands.out(0));
    return () -> kernel.repeat(call);
  }
}
