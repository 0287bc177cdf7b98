package io.elapid.op;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a convolution maps to libnd4j's ops.
 *
 * <p>Weights stay in PyTorch's order (O, I, H, W); libnd4j gets a permuted view (H, W, I, O) of the
 * same memory, or (H, W, C, M) for its depthwise op with M outputs per channel. Its own OIYX format
 * is no use: {@code conv2d_bp} computes a wrong gradient shape there. A convolution over a sequence
 * is one over an image of height 1.
 */
record ConvGeometry(
    ConvSettings settings,
    boolean isDepthwise,
    boolean isSequence,
    long kernelHeight,
    long kernelWidth) {
  static ConvGeometry of(ConvSettings settings, long[] x, long[] w) {
    boolean sequence = x.length == 3;
    boolean depthwise = settings.groups() > 1;
    return new ConvGeometry(
        settings, depthwise, sequence, sequence ? 1 : w[2], sequence ? w[2] : w[3]);
  }

  String op() {
    return isDepthwise ? "depthwise_conv2d" : "conv2d";
  }

  long[] arguments() {
    long stride = settings.stride();
    return new long[] {
      kernelHeight,
      kernelWidth,
      isSequence ? 1 : stride,
      stride,
      isSequence ? 0 : settings.paddingHeight(),
      settings.paddingWidth(),
      1,
      1,
      0,
      0
    };
  }

  INDArray image(INDArray array) {
    return isSequence ? array.reshape('c', array.size(0), array.size(1), 1, array.size(2)) : array;
  }

  INDArray kernel(INDArray w) {
    if (isDepthwise) {
      long channels = settings.groups();
      return w.reshape('c', channels, w.size(0) / channels, kernelHeight, kernelWidth)
          .permute(2, 3, 0, 1);
    }
    return w.reshape('c', w.size(0), w.size(1), kernelHeight, kernelWidth).permute(2, 3, 1, 0);
  }
}
