package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.LossKernel.Result;
import io.elapid.kernel.LossKernel.Targets;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A loss of dense predictions: predictions, divisor, labels or targets, and weights if there are
 * any, to a scalar; all in the predictions' type, labels being whole numbers. Differentiable in the
 * predictions. The derivative in every prediction is saved, in the predictions' place if nobody
 * else reads them.
 *
 * @see LossKernel
 */
abstract class DenseLoss extends ElapidOp {
  /** For SameDiff. */
  DenseLoss() {}

  /** Adds this op to a graph. */
  DenseLoss(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public final int getNumOutputs() {
    return 2;
  }

  @Override
  public final boolean overwrites(int index) {
    return index == 0;
  }

  @Override
  final List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(elements(inputs.get(1)) == 1, "the divisor %s is not one number", shape(inputs.get(1)));
    requireTargets(x, inputs.get(2));
    if (inputs.size() > 3) {
      requireGroups(x, inputs.get(3), "weights");
    }
    return List.of(new long[0], x);
  }

  /** Throws unless the targets fit. */
  abstract void requireTargets(long[] x, long[] targets);

  /** Throws unless there is one of {@code what} per group of elements. */
  final void requireGroups(long[] x, long[] groups, String what) {
    long positions = 1;
    for (int i = 2; i < x.length; i++) {
      positions *= x[i];
    }
    long rows = elements(groups) / positions;
    long values = elements(x) / Math.max(1, elements(groups));
    boolean fits =
        x.length > 0
            && rows * positions == elements(groups)
            && values * elements(groups) == elements(x)
            && (x.length == 1 ? values == 1 : values > 0 && x[1] % values == 0);
    require(fits, "predictions %s and %s %s do not fit", shape(x), what, shape(groups));
  }

  @Override
  final Runnable bind(Operands operands, KernelSet kernels) {
    Optional<Tensor> weights =
        operands.inputs() > 3 ? Optional.of(operands.in(3)) : Optional.empty();
    return bind(
        kernels.losses(),
        operands.in(0),
        new Targets(operands.in(2), weights),
        new Result(operands.in(1), operands.out(0), operands.out(1)));
  }

  /** The call of the kernel. */
  abstract Runnable bind(LossKernel kernel, Tensor x, Targets targets, Result result);

  @Override
  public final List<SDVariable> doDiff(List<SDVariable> gradients) {
    return andZeros(new LossGradient(sameDiff, gradients.get(0), output(1)).gradients());
  }
}
