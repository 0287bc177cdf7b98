package io.elapid.op;

import io.elapid.kernel.ConvolutionShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a convolution maps to kernels, and to libnd4j's ops where there is none.
 *
 * <p>Weights stay in PyTorch's order (O, I, H, W); libnd4j gets a permuted view (H, W, I, O) of the
 * same memory, or (H, W, C, M) for its depthwise op with M outputs per channel. Its own OIYX format
 * is no use: {@code conv2d_bp} computes a wrong gradient shape there. A convolution over a sequence
 * is one over an image of height 1.
 */
record ConvGeometry(ConvolutionShape shape, boolean isSequence) {
  static ConvGeometry of(ConvSettings settings, long[] x, long[] w) {
    boolean sequence = x.length == 3;
    int last = x.length - 1;
    ConvolutionShape shape =
        new ConvolutionShape(
            Math.toIntExact(x[0]),
            Math.toIntExact(x[1]),
            sequence ? 1 : Math.toIntExact(x[2]),
            Math.toIntExact(x[last]),
            Math.toIntExact(w[0]),
            sequence ? 1 : Math.toIntExact(w[2]),
            Math.toIntExact(w[last]),
            sequence ? 1 : settings.stride(),
            settings.stride(),
            sequence ? 0 : settings.paddingHeight(),
            settings.paddingWidth(),
            settings.groups(),
            settings.dilation());
    return new ConvGeometry(shape, sequence);
  }

  String op() {
    return shape.groups() > 1 ? "depthwise_conv2d" : "conv2d";
  }

  long[] arguments() {
    return new long[] {
      shape.kernelHeight(),
      shape.kernelWidth(),
      shape.strideHeight(),
      shape.strideWidth(),
      shape.paddingHeight(),
      shape.paddingWidth(),
      shape.dilation(),
      shape.dilation(),
      0,
      0
    };
  }

  INDArray image(INDArray array) {
    return isSequence ? array.reshape('c', array.size(0), array.size(1), 1, array.size(2)) : array;
  }

  INDArray kernel(INDArray w) {
    int groups = shape.groups();
    INDArray byGroup =
        groups > 1
            ? w.reshape('c', groups, w.size(0) / groups, shape.kernelHeight(), shape.kernelWidth())
            : w.reshape('c', w.size(0), w.size(1), shape.kernelHeight(), shape.kernelWidth());
    return groups > 1 ? byGroup.permute(2, 3, 0, 1) : byGroup.permute(2, 3, 1, 0);
  }

  /** The convolution as libnd4j computes it. */
  Runnable nativeForward(INDArray x, INDArray w, Optional<INDArray> bias, INDArray y) {
    List<INDArray> inputs = new ArrayList<>(List.of(image(x), kernel(w)));
    bias.ifPresent(inputs::add);
    return new NativeCall(op(), arguments(), inputs, List.of(image(y)));
  }
}
