package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SumKernel;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** {@code y = ((x0 + x1) + x2) + ...} of two or more inputs of one shape. */
public final class Sum extends ElapidOp {
  /** For SameDiff. */
  public Sum() {}

  private Sum(SameDiff graph, SDVariable... terms) {
    super(graph, terms);
  }

  /** Adds the sum. */
  public static SDVariable apply(SameDiff graph, List<SDVariable> terms) {
    return new Sum(graph, terms.toArray(SDVariable[]::new)).outputVariable();
  }

  /** The operation by itself, for programs that are not graphs of SameDiff. */
  public static Sum operation() {
    return new Sum();
  }

  @Override
  public String opName() {
    return "elapid_sum";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] first = inputs.get(0);
    require(inputs.size() > 1, "a sum of one term");
    for (long[] other : inputs) {
      require(Arrays.equals(first, other), "terms %s and %s differ", shape(first), shape(other));
    }
    return List.of(first);
  }

  @Override
  public boolean overwrites(int input) {
    return true;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SumKernel kernel = kernels.sum();
    List<Tensor> terms = operands.ins(0, operands.inputs());
    Tensor y = operands.out(0);
    return () -> kernel.sum(terms, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return Collections.nCopies(args().length, gradients.get(0));
  }
}
