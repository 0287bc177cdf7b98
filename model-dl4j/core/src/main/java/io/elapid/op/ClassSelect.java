package io.elapid.op;

import io.elapid.kernel.ClassSelectKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * What was predicted for the class of each row: {@code x: (R, K M, ...)} and labels {@code (R)}, in
 * the same type, to {@code (R, M, ...)}. Rows labelled -1 or K give zeros. Differentiable in x.
 *
 * @see ClassSelectKernel
 */
public final class ClassSelect extends ElapidOp {
  /** For SameDiff. */
  public ClassSelect() {}

  private ClassSelect(SameDiff graph, SDVariable x, SDVariable labels, long classes) {
    super(graph, x, labels);
    addIArgument(classes);
  }

  /** Adds the op; {@code classes} is K. */
  public static SDVariable apply(SameDiff graph, SDVariable x, SDVariable labels, long classes) {
    return new ClassSelect(graph, x, labels, classes).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_class_select";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    long classes = attribute(0);
    require(
        x.length >= 2 && classes > 0 && x[1] % classes == 0 && elements(inputs.get(1)) == x[0],
        "rows %s of %d classes and labels %s do not fit",
        shape(x),
        classes,
        shape(inputs.get(1)));
    long[] y = x.clone();
    y[1] = x[1] / classes;
    return List.of(y);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ClassSelectKernel kernel = kernels.classSelect();
    Tensor x = operands.in(0);
    Tensor labels = operands.in(1);
    Tensor y = operands.out(0);
    return () -> kernel.forward(x, labels, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return andZeros(new ClassSelectGradient(sameDiff, andInputs(gradients.get(0))).gradients());
  }
}
