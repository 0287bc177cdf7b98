package io.elapid.engine.rewrite;

import io.elapid.kernel.ActivationKind;
import io.elapid.op.BatchNormInference;
import io.elapid.op.Conv2d;
import io.elapid.op.FusedConvolution;
import io.elapid.op.NormFactors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A convolution with the batch norm by running statistics and the activation that follow it, as one
 * operation: the maps are written once, finished. Applies where nobody else reads the convolution's
 * own result, so in inference and not where gradients need it.
 */
final class FusedConvolutions implements Rewrite {
  private static final String CONVOLUTION = "elapid_conv2d";
  private static final String NORM = "elapid_batch_norm_inference";
  private static final String ACTIVATION = "elapid_activation";

  @Override
  public void apply(OpGraph graph) {
    for (OpNode convolution : graph.nodes(CONVOLUTION)) {
      new Fusion(graph, convolution).apply();
    }
  }

  /** One convolution and what follows it. */
  private static final class Fusion {
    private final OpGraph graph;
    private final OpNode convolution;
    private final List<OpNode> parts = new ArrayList<>();
    private final List<OpNode> added = new ArrayList<>();
    private final List<String> inputs = new ArrayList<>();
    private ActivationKind activation = ActivationKind.IDENTITY;

    Fusion(OpGraph graph, OpNode convolution) {
      this.graph = graph;
      this.convolution = convolution;
      int last = convolution.inputs().size() - 1;
      parts.add(convolution);
      inputs.add(convolution.inputs().get(0));
      inputs.add(convolution.inputs().get(last));
      inputs.addAll(convolution.inputs().subList(1, last));
    }

    void apply() {
      next(NORM).ifPresent(this::takeNorm);
      if (activation == ActivationKind.IDENTITY) {
        next(ACTIVATION).ifPresent(this::takeActivation);
      }
      if (parts.size() > 1) {
        OpNode last = parts.get(parts.size() - 1);
        FusedConvolution op = FusedConvolution.of((Conv2d) convolution.op(), activation);
        added.add(new OpNode(op, convolution.name(), List.copyOf(inputs), last.outputs()));
        graph.replace(parts, last, added);
      }
    }

    private Optional<OpNode> next(String kind) {
      String result = parts.get(parts.size() - 1).outputs().get(0);
      return graph
          .onlyReader(result)
          .filter(node -> node.op().opName().equals(kind))
          .filter(node -> node.inputs().get(0).equals(result));
    }

    private void takeNorm(OpNode node) {
      BatchNormInference norm = (BatchNormInference) node.op();
      List<String> factors = new ArrayList<>(node.inputs().subList(1, node.inputs().size()));
      factors.addAll(inputs.subList(2, inputs.size()));
      Variable channels = graph.variable(node.inputs().get(1));
      String result = node.outputs().get(0);
      String scale = graph.invent(result + "#scale", channels);
      String shift = graph.invent(result + "#shift", channels);
      added.add(
          new OpNode(NormFactors.of(norm), result + "#factors", factors, List.of(scale, shift)));
      inputs.subList(2, inputs.size()).clear();
      inputs.addAll(List.of(scale, shift));
      activation = ActivationKind.ofCode(Math.toIntExact(norm.iArgs()[0]));
      parts.add(node);
    }

    private void takeActivation(OpNode node) {
      activation = ActivationKind.ofCode(Math.toIntExact(node.op().iArgs()[0]));
      parts.add(node);
    }
  }
}
