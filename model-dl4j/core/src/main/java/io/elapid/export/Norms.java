package io.elapid.export;

import java.util.List;

/** Normalisations. */
final class Norms {
  private Norms() {}

  /** {@code (x, gamma, beta, mean, variance)}. */
  static List<String> batchNorm(Call call) {
    String y =
        call.graph()
            .node("BatchNormalization", call.inputs(), Attributes.real("epsilon", call.real(0)));
    return List.of(Elementwise.activated(call.graph(), y, call.attribute(0)));
  }

  /**
   * {@code (x, weight, bias)}, over the channels, of centred values: runtimes are free to take the
   * operator LayerNormalization's variance from a difference of squares, which loses digits.
   */
  static List<String> layerNorm(Call call) {
    OnnxGraph graph = call.graph();
    String centred = graph.subtract(call.in(0), mean(graph, call.in(0)));
    String variance = mean(graph, graph.multiply(centred, centred));
    String deviation = graph.node("Sqrt", List.of(graph.add(variance, graph.real(call.real(0)))));
    String normalised = graph.node("Div", List.of(centred, deviation));
    String scaled = graph.multiply(normalised, call.perChannel(call.in(1)));
    return List.of(graph.add(scaled, call.perChannel(call.in(2))));
  }

  private static String mean(OnnxGraph graph, String x) {
    return graph.node("ReduceMean", List.of(x), Attributes.integers("axes", 1));
  }
}
