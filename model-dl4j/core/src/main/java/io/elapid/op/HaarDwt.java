package io.elapid.op;

import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Haar wavelet transform: {@code x: (B, C, H, W)} to {@code (B, 4 C, ceil(H / 2), ceil(W / 2))},
 * band b of channel c in channel 4 c + b; see {@link HaarKernel}.
 */
public final class HaarDwt extends ElapidOp {
  /** For SameDiff. */
  public HaarDwt() {}

  private HaarDwt(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the transform. */
  public static SDVariable apply(SameDiff graph, SDVariable x) {
    return new HaarDwt(graph, x).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_haar_dwt";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length == 4, "input of rank %d", x.length);
    return List.of(new long[] {x[0], 4 * x[1], (x[2] + 1) / 2, (x[3] + 1) / 2});
  }

  /** As the strided convolution with four 2x2 filters that published networks have here. */
  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return 4 * elements(outputShapes(inputs).get(0));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    HaarKernel kernel = kernels.haar();
    Tensor x = operands.in(0);
    Tensor y = operands.out(0);
    return () -> kernel.forward(x, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new HaarDwtGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
