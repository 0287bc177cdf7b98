package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.RoiAlignKernel;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link RoiAlign}: {@code (dy, levels, rois)} to those of the levels, of which only
 * the shapes count.
 */
public final class RoiAlignGradient extends GradientOp {
  /** For SameDiff. */
  public RoiAlignGradient() {}

  RoiAlignGradient(SameDiff graph, RoiPooling pooling, SDVariable... inputs) {
    super(graph, inputs);
    RoiAlign.addPooling(this, pooling);
    addIArgument(inputs.length - 2);
  }

  @Override
  public String opName() {
    return "elapid_roi_align_gradient";
  }

  @Override
  public int getNumOutputs() {
    return attribute(4);
  }

  @Override
  public boolean readsShapeOnly(int index) {
    return index > 0 && index <= getNumOutputs();
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    RoiAlignKernel kernel = kernels.roiAlign();
    RoiPooling pooling = RoiAlign.pooling(this);
    Tensor dy = operands.in(0);
    Tensor rois = operands.in(operands.inputs() - 1);
    List<Tensor> dlevels = operands.outs(0, operands.outputs());
    return () -> kernel.gradient(dy, rois, pooling, dlevels);
  }
}
