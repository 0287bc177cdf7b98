package io.elapid.export;

import io.elapid.kernel.ActivationKind;
import java.util.List;

/** Activations, gates, scales and sums. */
final class Elementwise {
  private Elementwise() {}

  static List<String> activation(Call call) {
    return List.of(activated(call.graph(), call.in(0), call.attribute(0)));
  }

  /** The activation with that code. */
  static String activated(OnnxGraph graph, String x, int code) {
    return switch (ActivationKind.ofCode(code)) {
      case IDENTITY -> x;
      case RELU -> graph.node("Relu", List.of(x));
      case SIGMOID -> graph.sigmoid(x);
      case SILU -> graph.silu(x);
      case GELU -> gelu(graph, x);
    };
  }

  /** {@code x (1 + erf(x / sqrt 2)) / 2}; the operator Gelu is of a later opset. */
  private static String gelu(OnnxGraph graph, String x) {
    String erf = graph.node("Erf", List.of(graph.multiply(x, graph.real(Math.sqrt(0.5)))));
    String doubled = graph.multiply(x, graph.add(erf, graph.real(1)));
    return graph.multiply(doubled, graph.real(0.5));
  }

  /** {@code (x, scale, [bias], [residual])}. */
  static List<String> channelAffine(Call call) {
    OnnxGraph graph = call.graph();
    String factors = call.perChannel(call.in(1));
    boolean plusInput = call.attribute(0) == 1;
    String y = graph.multiply(call.in(0), plusInput ? graph.add(factors, graph.real(1)) : factors);
    if (call.attribute(1) == 1) {
      y = graph.add(y, call.perChannel(call.in(2)));
    }
    return List.of(call.attribute(2) == 1 ? graph.add(y, call.last()) : y);
  }

  static List<String> channelScale(Call call) {
    return List.of(call.graph().multiply(call.in(0), call.perMap(call.in(1))));
  }

  /** {@code (x, f, alpha)}: {@code (1 - s) x + s f} with the sigmoid of a row of alpha. */
  static List<String> gatedResidual(Call call) {
    OnnxGraph graph = call.graph();
    String row = graph.gather(call.in(2), graph.integers(call.attribute(0)), 0);
    String gate = call.perChannel(graph.sigmoid(row));
    String kept = graph.multiply(call.in(0), graph.subtract(graph.real(1), gate));
    return List.of(graph.add(kept, graph.multiply(call.in(1), gate)));
  }

  static List<String> siluGate(Call call) {
    return List.of(call.graph().multiply(call.in(0), call.graph().silu(call.in(1))));
  }

  static List<String> sum(Call call) {
    return List.of(call.graph().node("Sum", call.inputs()));
  }
}
