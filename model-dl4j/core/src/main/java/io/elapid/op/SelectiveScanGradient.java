package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.SelectiveScanKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link SelectiveScan}: {@code (dy, states, u, delta, b, c, aLog[, skip][, bias])} to
 * the gradients of all from {@code u} on.
 */
public final class SelectiveScanGradient extends ElapidOp {
  /** Inputs before those of the scan itself. */
  private static final int FIRST = 2;

  /** For SameDiff. */
  public SelectiveScanGradient() {}

  private SelectiveScanGradient(SameDiff graph, List<Long> attributes, SDVariable... inputs) {
    super(graph, inputs);
    attributes.forEach(this::addIArgument);
  }

  static List<SDVariable> of(SameDiff graph, List<Long> attributes, List<SDVariable> inputs) {
    SDVariable[] all = inputs.toArray(SDVariable[]::new);
    return List.of(new SelectiveScanGradient(graph, attributes, all).outputVariables());
  }

  @Override
  public String opName() {
    return "elapid_selective_scan_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 5 + attribute(2) + attribute(3);
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return inputs.subList(FIRST, inputs.size());
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SelectiveScanKernel kernel = kernels.selectiveScan();
    ScanGeometry geometry = SelectiveScan.geometry(this, attribute(0), operands.inputShapes(FIRST));
    SelectiveScanKernel.Inputs in = SelectiveScan.bind(this, operands, FIRST, geometry);
    Tensor dy = operands.in(0);
    Tensor states = operands.in(1);
    int bias = 5 + attribute(2);
    var out =
        new SelectiveScanKernel.Outputs(
            operands.out(0),
            operands.out(1),
            operands.out(2),
            operands.out(3),
            operands.out(4),
            attribute(2) == 1 ? Optional.of(operands.out(5)) : Optional.empty(),
            attribute(3) == 1 ? Optional.of(operands.out(bias)) : Optional.empty());
    return () -> kernel.gradient(in, dy, states, out);
  }
}
