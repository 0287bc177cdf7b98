package io.elapid.op;

import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Inverse Haar wavelet transform: {@code y: (B, 4 C, h, w)} to {@code (B, C, H, W)} with H = 2 h or
 * 2 h - 1, W likewise; see {@link HaarKernel}. Its gradient is {@link HaarDwt}.
 */
public final class HaarIdwt extends ElapidOp {
  /** For SameDiff. */
  public HaarIdwt() {}

  private HaarIdwt(SameDiff graph, long height, long width, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(height, width);
  }

  /** Adds the transform to maps of {@code height} rows and {@code width} columns. */
  public static SDVariable apply(SameDiff graph, SDVariable y, long height, long width) {
    return new HaarIdwt(graph, height, width, y).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_haar_idwt";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] y = inputs.get(0);
    require(y.length == 4 && y[1] % 4 == 0, "bands %s", shape(y));
    long[] x = {y[0], y[1] / 4, attribute(0), attribute(1)};
    require(
        (x[2] + 1) / 2 == y[2] && (x[3] + 1) / 2 == y[3], "bands %s for %s", shape(y), shape(x));
    return List.of(x);
  }

  /** As the transposed convolution with four 2x2 filters that published networks have here. */
  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return 4 * elements(inputs.get(0));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    HaarKernel kernel = kernels.haar();
    Tensor y = operands.in(0);
    Tensor x = operands.out(0);
    return () -> kernel.inverse(y, x);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of(HaarDwt.apply(sameDiff, gradients.get(0)));
  }
}
