package io.elapid.engine.stock;

import static java.util.Map.entry;

import io.elapid.engine.rewrite.OpNode;
import java.util.List;
import java.util.Map;

/** The composition of every op that a network may have in its forward pass. */
final class Compositions {
  private static final Map<String, Composition> BY_NAME =
      Map.ofEntries(
          entry("elapid_activation", Elementwise::activation),
          entry("elapid_batch_moments", Norms::batchMoments),
          entry("elapid_batch_norm", Norms::batchNorm),
          entry("elapid_batch_norm_inference", Norms::batchNormInference),
          entry("elapid_channel_affine", Elementwise::channelAffine),
          entry("elapid_channel_concat", Maps::concatenation),
          entry("elapid_channel_moments", Norms::channelMoments),
          entry("elapid_channel_scale", Elementwise::channelScale),
          entry("elapid_channel_split", Maps::split),
          entry("elapid_conv2d", Convolutions::convolution),
          entry("elapid_gated_residual", Elementwise::gatedResidual),
          entry("elapid_haar_dwt", Pyramids::haar),
          entry("elapid_haar_idwt", Pyramids::inverseHaar),
          entry("elapid_hidden_gate", States::hiddenGate),
          entry("elapid_hidden_state", States::hiddenState),
          entry("elapid_laplace_merge", Pyramids::laplaceMerge),
          entry("elapid_laplace_split", Pyramids::laplaceSplit),
          entry("elapid_layer_norm_2d", Norms::layerNorm),
          entry("elapid_linear", Heads::linear),
          entry("elapid_matrix_product", States::product),
          entry("elapid_patch_gather", Maps::patches),
          entry("elapid_sample_scale", Elementwise::sampleScale),
          entry("elapid_scan_projection", Scans::projection),
          entry("elapid_selective_scan", Scans::scan),
          entry("elapid_shortcut_norm", Norms::shortcutNorm),
          entry("elapid_silu_gate", Elementwise::siluGate),
          entry("elapid_soft_distillation", Heads::softDistillation),
          entry("elapid_softmax_cross_entropy", Heads::crossEntropy),
          entry("elapid_softmax_mix", Heads::softmaxMix),
          entry("elapid_spatial_mean", Heads::spatialMean),
          entry("elapid_sum", Elementwise::sum),
          // stock already; the compositions only copy them
          entry("add", call -> List.of(call.in(0).add(call.in(1)))),
          entry("identity", call -> List.of(call.in(0))),
          entry("matmul", States::product),
          entry("reshape", call -> List.of(call.shaped(0, call.results().get(0)))));

  private Compositions() {}

  static Composition of(OpNode node) {
    Composition composition = BY_NAME.get(node.op().opName());
    if (composition == null) {
      throw new IllegalArgumentException(
          "%s has no composition of stock operations".formatted(node.title()));
    }
    return composition;
  }
}
