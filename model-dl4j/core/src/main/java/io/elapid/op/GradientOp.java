package io.elapid.op;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of another op: from the gradient of its output, which comes first among the inputs, to
 * those of the inputs that follow, one for one. Some inputs are there for their shape only.
 */
abstract class GradientOp extends ElapidOp {
  /** For SameDiff. */
  GradientOp() {}

  /** Adds this op to a graph. */
  GradientOp(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return inputs.subList(1, 1 + getNumOutputs());
  }

  /** The gradients as variables of the graph. */
  final List<SDVariable> gradients() {
    return List.of(outputVariables());
  }
}
