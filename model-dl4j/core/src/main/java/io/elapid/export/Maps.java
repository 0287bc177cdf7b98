package io.elapid.export;

import io.elapid.data.InputException;
import io.elapid.kernel.Resampling;
import io.elapid.op.Resample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import onnx.Onnx.AttributeProto;

/** Convolution, pooling, and what cuts, joins and rearranges maps. */
final class Maps {
  private Maps() {}

  /** {@code (w, [bias], x)}; w is in ONNX's order already. */
  static List<String> convolution(Call call) {
    long[] w = call.shape(0);
    int dimensions = w.length - 2;
    long stride = call.attribute(0);
    long[] padding =
        dimensions == 1
            ? new long[] {call.attribute(2), call.attribute(2)}
            : new long[] {
              call.attribute(1), call.attribute(2), call.attribute(1), call.attribute(2)
            };
    long[] strides = new long[dimensions];
    Arrays.fill(strides, stride);
    long[] dilations = new long[dimensions];
    Arrays.fill(dilations, call.attribute(4));
    List<AttributeProto> attributes =
        List.of(
            Attributes.integers("kernel_shape", Arrays.copyOfRange(w, 2, w.length)),
            Attributes.integers("strides", strides),
            Attributes.integers("dilations", dilations),
            Attributes.integers("pads", padding),
            Attributes.integer("group", call.attribute(3)));
    List<String> inputs = new ArrayList<>(List.of(call.last(), call.in(0)));
    if (call.inputs().size() == 3) {
      inputs.add(call.in(1));
    }
    return List.of(call.graph().node("Conv", inputs, attributes.toArray(AttributeProto[]::new)));
  }

  static List<String> concatenation(Call call) {
    return List.of(call.graph().concatenate(1, call.inputs()));
  }

  static List<String> split(Call call) {
    long[] sizes = call.results().stream().mapToLong(shape -> shape[1]).toArray();
    return call.graph().split(call.in(0), 1, sizes);
  }

  static List<String> spatialMean(Call call) {
    return List.of(call.graph().mean(call.in(0), call.dimensionsFrom(2)));
  }

  /** Neighbourhoods of 2x2 into channels, the parity of the column counting more. */
  static List<String> patches(Call call) {
    OnnxGraph graph = call.graph();
    long channels = call.size(0, 1);
    long rows = call.results().get(0)[2];
    long columns = call.results().get(0)[3];
    long missingRow = call.size(0, 2) % 2;
    long missingColumn = call.size(0, 3) % 2;
    String even =
        missingRow + missingColumn == 0
            ? call.in(0)
            : graph.pad(call.in(0), 0, 0, 0, 0, 0, 0, missingRow, missingColumn);
    String apart = call.withSizes(even, channels, rows, 2, columns, 2);
    String gathered = graph.transpose(apart, 0, 5, 3, 1, 2, 4);
    return List.of(call.withSizes(gathered, 4 * channels, rows, columns));
  }

  /** The reverse of {@link #patches}. */
  static List<String> scattered(Call call) {
    long channels = call.size(0, 1) / 4;
    long rows = call.size(0, 2);
    long columns = call.size(0, 3);
    String apart = call.withSizes(call.in(0), 2, 2, channels, rows, columns);
    String ordered = call.graph().transpose(apart, 0, 3, 4, 2, 5, 1);
    return List.of(call.withSizes(ordered, channels, 2 * rows, 2 * columns));
  }

  /** Products with what each row and column is made of: the same for every rule, to the digit. */
  static List<String> resampled(Call call) {
    Resampling rule = Resample.rule(call.attribute(0));
    OnnxGraph graph = call.graph();
    int height = Math.toIntExact(call.size(0, 2));
    int width = Math.toIntExact(call.size(0, 3));
    long[] result = call.results().get(0);
    String y = call.in(0);
    if (rule != Resampling.LINEAR || result[2] != height) {
      String rows =
          graph.reals(new long[] {result[2], height}, taps(rule, height, (int) result[2]));
      y = graph.product(rows, y);
    }
    if (rule != Resampling.LINEAR || result[3] != width) {
      String columns =
          graph.reals(new long[] {result[3], width}, taps(rule, width, (int) result[3]));
      y = graph.product(y, graph.transpose(columns, 1, 0));
    }
    return List.of(y);
  }

  /** (to, from): the weights of the pixels that each new one is made of. */
  private static float[] taps(Resampling rule, int from, int to) {
    float[] weights = new float[Math.multiplyExact(to, from)];
    for (int i = 0; i < to; i++) {
      Resampling.Taps taps = rule.taps(i, from, to);
      for (int k = 0; k < taps.weights().length; k++) {
        weights[i * from + taps.first() + k] = (float) taps.weights()[k];
      }
    }
    return weights;
  }

  static List<String> reshaped(Call call) {
    long[] shape = call.results().get(0);
    if (!call.batched()) {
      return List.of(call.graph().reshape(call.in(0), shape));
    }
    if (shape.length == 0 || shape[0] != call.size(0, 0)) {
      throw new InputException(
          "a reshape of %s to %s mixes pictures of a batch"
              .formatted(Arrays.toString(call.shape(0)), Arrays.toString(shape)),
          "export the weights as safetensors instead");
    }
    return List.of(call.withSizes(call.in(0), LongStream.of(shape).skip(1).toArray()));
  }
}
