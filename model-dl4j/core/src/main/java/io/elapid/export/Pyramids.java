package io.elapid.export;

import io.elapid.kernel.HaarKernel;
import java.util.List;
import onnx.Onnx.AttributeProto;

/** Wavelets and Laplace pyramids. */
final class Pyramids {
  /** Signs of the four filters: sum, rows, columns and diagonals compared. */
  private static final int[][] SIGNS = {
    {1, 1, 1, 1}, {1, 1, -1, -1}, {1, -1, 1, -1}, {1, -1, -1, 1}
  };

  private Pyramids() {}

  static List<String> haar(Call call) {
    long channels = call.size(0, 1);
    long[] x = call.shape(0);
    return List.of(
        call.graph()
            .node(
                "Conv",
                List.of(call.in(0), filters(call.graph(), channels)),
                geometry(channels, x[2] % 2, x[3] % 2)));
  }

  /** What the transform padded is cut off again. */
  static List<String> inverseHaar(Call call) {
    long[] x = call.results().get(0);
    return List.of(
        call.graph()
            .node(
                "ConvTranspose",
                List.of(call.in(0), filters(call.graph(), x[1])),
                geometry(x[1], x[2] % 2, x[3] % 2)));
  }

  private static AttributeProto[] geometry(long channels, long belowRows, long behindColumns) {
    return new AttributeProto[] {
      Attributes.integers("kernel_shape", 2, 2),
      Attributes.integers("strides", 2, 2),
      Attributes.integers("pads", 0, 0, belowRows, behindColumns),
      Attributes.integer("group", channels)
    };
  }

  /** (4 C, 1, 2, 2), as published networks store them. */
  private static String filters(OnnxGraph graph, long channels) {
    int count = Math.toIntExact(channels);
    float[] taps = new float[16 * count];
    for (int i = 0; i < taps.length; i++) {
      taps[i] = HaarKernel.SCALE * SIGNS[i / 4 % 4][i % 4];
    }
    return graph.reals(new long[] {4 * channels, 1, 2, 2}, taps);
  }

  static List<String> laplaceSplit(Call call) {
    long pool = call.attribute(0);
    String low =
        call.graph()
            .node(
                "AveragePool",
                List.of(call.in(0)),
                Attributes.integers("kernel_shape", pool, pool),
                Attributes.integers("strides", pool, pool));
    String repeated =
        enlarged(
            call,
            low,
            Attributes.text("mode", "nearest"),
            Attributes.text("coordinate_transformation_mode", "asymmetric"),
            Attributes.text("nearest_mode", "floor"));
    return List.of(low, call.graph().subtract(call.in(0), repeated));
  }

  static List<String> laplaceMerge(Call call) {
    String high =
        enlarged(
            call,
            call.in(0),
            Attributes.text("mode", "linear"),
            Attributes.text("coordinate_transformation_mode", "half_pixel"));
    return List.of(call.graph().add(high, call.in(1)));
  }

  private static String enlarged(Call call, String low, AttributeProto... attributes) {
    float pool = call.attribute(0);
    String scales = call.graph().reals(new long[] {4}, 1, 1, pool, pool);
    return call.graph().node("Resize", List.of(low, "", scales), attributes);
  }
}
