package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ScanProjectionKernel;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link ScanProjection}: {@code (ddelta, db, dc, r, x, xProj, dtWeight)} to {@code
 * (dx, dxProj, ddtWeight)}.
 */
public final class ScanProjectionGradient extends ElapidOp {
  /** Inputs before those of the projection itself. */
  private static final int FIRST = 4;

  /** For SameDiff. */
  public ScanProjectionGradient() {}

  private ScanProjectionGradient(SameDiff graph, List<Long> attributes, SDVariable... inputs) {
    super(graph, inputs);
    attributes.forEach(this::addIArgument);
  }

  static List<SDVariable> of(SameDiff graph, List<Long> attributes, SDVariable... inputs) {
    return List.of(new ScanProjectionGradient(graph, attributes, inputs).outputVariables());
  }

  @Override
  public String opName() {
    return "elapid_scan_projection_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 3;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return inputs.subList(FIRST, inputs.size());
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    List<long[]> forward = inputs.subList(FIRST, inputs.size());
    return 2 * ScanProjection.multiplyAccumulates(forward, ScanProjection.geometry(this, forward));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ScanProjectionKernel kernel = kernels.scanProjection();
    var in =
        new ScanProjectionKernel.Inputs(
            operands.in(FIRST),
            operands.in(FIRST + 1),
            operands.in(FIRST + 2),
            ScanProjection.geometry(this, operands.inputShapes(FIRST)));
    var call =
        new ScanProjectionKernel.Gradient(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(3),
            operands.out(0),
            operands.out(1),
            operands.out(2));
    return () -> kernel.gradient(in, call);
  }
}
