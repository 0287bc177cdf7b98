package io.elapid.engine.rewrite;

import io.elapid.kernel.ActivationKind;
import io.elapid.op.BatchNormInference;
import io.elapid.op.ChannelAffine;
import io.elapid.op.FusedConvolution;
import io.elapid.op.NormFactors;
import io.elapid.op.ShortcutKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The reparameterised depthwise block in the eval form, {@code norm(norm(conv(x)) + w x + b + x)},
 * as the one convolution that its deploy form is: the kernel is made anew at every run, which is a
 * few values per channel. Works on what {@link FusedConvolutions} leaves.
 */
final class MergedShortcuts implements Rewrite {
  private static final String CONVOLUTION = "elapid_fused_convolution";
  private static final String AFFINE = "elapid_channel_affine";
  private static final String NORM = "elapid_batch_norm_inference";

  @Override
  public void apply(OpGraph graph) {
    for (OpNode convolution : graph.nodes(CONVOLUTION)) {
      if (isNormedDepthwise(graph, convolution)) {
        shortcuts(graph, convolution)
            .ifPresent(
                affine ->
                    next(graph, affine, NORM)
                        .filter(norm -> norm.inputs().get(0).equals(output(affine)))
                        .ifPresent(norm -> merge(graph, convolution, affine, norm)));
      }
    }
  }

  /** With a scale and a shift and no activation, one input channel each, maps kept in size. */
  private static boolean isNormedDepthwise(OpGraph graph, OpNode convolution) {
    long[] w = graph.variable(convolution.inputs().get(0)).shape();
    long[] arguments = convolution.op().iArgs();
    boolean keepsSize =
        arguments[0] == 1
            && 2 * arguments[1] + 1 == w[2]
            && 2 * arguments[2] + 1 == w[w.length - 1];
    return convolution.inputs().size() == 4
        && w.length == 4
        && keepsSize
        && arguments[3] == w[0]
        && ((FusedConvolution) convolution.op()).activation() == ActivationKind.IDENTITY;
  }

  /** The operation that adds the convolution to factors of its own input. */
  private static Optional<OpNode> shortcuts(OpGraph graph, OpNode convolution) {
    return next(graph, convolution, AFFINE)
        .filter(node -> node.op().iArgs()[2] == 1)
        .filter(node -> node.inputs().get(0).equals(convolution.inputs().get(1)))
        .filter(node -> node.inputs().get(node.inputs().size() - 1).equals(output(convolution)));
  }

  private static Optional<OpNode> next(OpGraph graph, OpNode node, String kind) {
    return graph.onlyReader(output(node)).filter(reader -> reader.op().opName().equals(kind));
  }

  private static String output(OpNode node) {
    return node.outputs().get(0);
  }

  private static void merge(OpGraph graph, OpNode convolution, OpNode affine, OpNode norm) {
    String y = output(norm);
    String w = convolution.inputs().get(0);
    String gamma = norm.inputs().get(1);
    String scale = graph.invent(y + "#scale", graph.variable(gamma));
    String outer = graph.invent(y + "#outer", graph.variable(gamma));
    String kernel = graph.invent(y + "#kernel", graph.variable(w));
    String shift = graph.invent(y + "#shift", graph.variable(gamma));
    List<String> parts = new ArrayList<>(List.of(w));
    parts.addAll(convolution.inputs().subList(2, 4));
    parts.addAll(affine.inputs().subList(1, affine.inputs().size() - 1));
    parts.addAll(List.of(scale, outer));
    BatchNormInference by = (BatchNormInference) norm.op();
    ActivationKind activation = ActivationKind.ofCode(Math.toIntExact(by.iArgs()[0]));
    graph.replace(
        List.of(convolution, affine, norm),
        norm,
        List.of(
            new OpNode(
                NormFactors.of(by),
                y + "#factors",
                norm.inputs().subList(1, norm.inputs().size()),
                List.of(scale, outer)),
            new OpNode(
                ShortcutKernel.of((ChannelAffine) affine.op()),
                y + "#merged",
                parts,
                List.of(kernel, shift)),
            new OpNode(
                FusedConvolution.like((FusedConvolution) convolution.op(), activation),
                convolution.name(),
                List.of(kernel, convolution.inputs().get(1), scale, shift),
                norm.outputs())));
  }
}
