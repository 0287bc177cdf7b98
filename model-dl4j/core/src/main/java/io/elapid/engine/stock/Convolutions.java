package io.elapid.engine.stock;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;

/** {@code conv2d} and {@code depthwise_conv2d}. */
final class Convolutions {
  private Convolutions() {}

  /**
   * Inputs {@code (w, [bias], x)}; w as PyTorch's (O, C / groups, kH, kW) or (O, C / groups, k).
   */
  static List<SDVariable> convolution(Call call) {
    int data = call.inputs().size() - 1;
    boolean sequence = call.shape(data).length == 3;
    int groups = call.attribute(3);
    SDVariable x = sequence ? map(call, data) : call.in(data);
    SDVariable w = kernel(call, groups, sequence);
    SDVariable y = apply(call, x, w, config(call, sequence));
    return Call.one(sequence ? call.reshape(y, call.results().get(0)) : y);
  }

  /** A sequence as a map of one row. */
  private static SDVariable map(Call call, int input) {
    long[] shape = call.shape(input);
    return call.shaped(input, shape[0], shape[1], 1, shape[2]);
  }

  /** SameDiff's order: (kH, kW, C, O), depthwise (kH, kW, C, O / C). */
  private static SDVariable kernel(Call call, int groups, boolean sequence) {
    long[] w = call.shape(0);
    long height = sequence ? 1 : w[2];
    long width = w[w.length - 1];
    return groups > 1
        ? call.shaped(0, groups, w[0] / groups, height, width).permute(2, 3, 0, 1)
        : call.shaped(0, w[0], w[1], height, width).permute(2, 3, 1, 0);
  }

  private static SDVariable apply(Call call, SDVariable x, SDVariable w, Conv2DConfig config) {
    var cnn = call.graph().cnn();
    boolean depthwise = call.attribute(3) > 1;
    if (call.inputs().size() == 2) {
      return depthwise ? cnn.depthWiseConv2d(x, w, config) : cnn.conv2d(x, w, config);
    }
    SDVariable bias = call.in(1);
    return depthwise ? cnn.depthWiseConv2d(x, w, bias, config) : cnn.conv2d(x, w, bias, config);
  }

  private static Conv2DConfig config(Call call, boolean sequence) {
    long[] w = call.shape(0);
    int stride = call.attribute(0);
    return Conv2DConfig.builder()
        .kH(sequence ? 1 : w[2])
        .kW(w[w.length - 1])
        .sH(sequence ? 1 : stride)
        .sW(stride)
        .pH(sequence ? 0 : call.attribute(1))
        .pW(call.attribute(2))
        .dH(call.attribute(4))
        .dW(call.attribute(4))
        .dataFormat(Conv2DConfig.NCHW)
        .paddingMode(PaddingMode.VALID)
        .build();
  }
}
