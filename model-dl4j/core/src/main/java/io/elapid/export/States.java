package io.elapid.export;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** EfficientViM's hidden states, products of matrices and heads. */
final class States {
  private States() {}

  /** {@code (x, b, dt, a)} to {@code x (softmax(dt + a) b)^T}. */
  static List<String> hiddenState(Call call) {
    OnnxGraph graph = call.graph();
    String offsets = graph.reshape(call.in(3), 1, call.size(1, 1), 1);
    String weights =
        graph.node(
            "Softmax", List.of(graph.add(call.in(2), offsets)), Attributes.integer("axis", 2));
    String inputs = graph.transpose(graph.multiply(weights, call.in(1)), 0, 2, 1);
    return List.of(graph.product(call.in(0), inputs), weights);
  }

  /** {@code (hz, d)} to {@code h silu(z) + d h}. */
  static List<String> hiddenGate(Call call) {
    OnnxGraph graph = call.graph();
    long half = call.results().get(0)[1];
    List<String> parts = graph.split(call.in(0), 1, half, half);
    String gated = graph.multiply(parts.get(0), graph.silu(parts.get(1)));
    String skipped = graph.multiply(parts.get(0), graph.reshape(call.in(1), 1));
    return List.of(graph.add(gated, skipped));
  }

  static List<String> product(Call call) {
    for (long argument : call.op().iArgs()) {
      if (argument != 0) {
        throw new IllegalArgumentException("a product of transposed matrices is not translated");
      }
    }
    return List.of(call.graph().product(call.in(0), call.in(1)));
  }

  /** {@code (x, w, bias)}. */
  static List<String> linear(Call call) {
    return List.of(call.graph().node("Gemm", call.inputs(), Attributes.integer("transB", 1)));
  }

  /** {@code (weights, logits...)}. */
  static List<String> softmaxMix(Call call) {
    OnnxGraph graph = call.graph();
    List<String> logits = call.inputs().subList(1, call.inputs().size());
    int heads = logits.size();
    String shares =
        graph.node(
            "Softmax", List.of(graph.reshape(call.in(0), heads)), Attributes.integer("axis", 0));
    long[] ones = Collections.nCopies(heads, 1L).stream().mapToLong(Long::longValue).toArray();
    List<String> each = graph.split(shares, 0, ones);
    List<String> terms = new ArrayList<>();
    for (int i = 0; i < heads; i++) {
      terms.add(graph.multiply(logits.get(i), each.get(i)));
    }
    return List.of(graph.node("Sum", terms));
  }
}
