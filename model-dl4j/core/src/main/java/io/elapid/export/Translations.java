package io.elapid.export;

import static java.util.Map.entry;

import io.elapid.data.InputException;
import io.elapid.engine.rewrite.OpNode;
import java.util.List;
import java.util.Map;

/** The translation of every operation that the deploy form of a network may have. */
final class Translations {
  private static final Map<String, Translation> BY_NAME =
      Map.ofEntries(
          entry("add", call -> List.of(call.graph().add(call.in(0), call.in(1)))),
          entry("elapid_activation", Elementwise::activation),
          entry("elapid_batch_norm_inference", Norms::batchNorm),
          entry("elapid_channel_affine", Elementwise::channelAffine),
          entry("elapid_channel_concat", Maps::concatenation),
          entry("elapid_channel_scale", Elementwise::channelScale),
          entry("elapid_channel_split", Maps::split),
          entry("elapid_conv2d", Maps::convolution),
          entry("elapid_gated_residual", Elementwise::gatedResidual),
          entry("elapid_haar_dwt", Pyramids::haar),
          entry("elapid_haar_idwt", Pyramids::inverseHaar),
          entry("elapid_hidden_gate", States::hiddenGate),
          entry("elapid_hidden_state", States::hiddenState),
          entry("elapid_laplace_merge", Pyramids::laplaceMerge),
          entry("elapid_laplace_split", Pyramids::laplaceSplit),
          entry("elapid_layer_norm_2d", Norms::layerNorm),
          entry("elapid_linear", States::linear),
          entry("elapid_matrix_product", States::product),
          entry("elapid_patch_gather", Maps::patches),
          entry("elapid_patch_scatter", Maps::scattered),
          entry("elapid_resample", Maps::resampled),
          entry("elapid_scan_projection", Scans::projection),
          entry("elapid_selective_scan", Scans::scan),
          entry("elapid_silu_gate", Elementwise::siluGate),
          entry("elapid_softmax_mix", States::softmaxMix),
          entry("elapid_spatial_mean", Maps::spatialMean),
          entry("elapid_sum", Elementwise::sum),
          entry("identity", call -> List.of(call.in(0))),
          entry("matmul", States::product),
          entry("permute", call -> List.of(call.graph().transpose(call.in(0), call.op().iArgs()))),
          entry("reshape", Maps::reshaped));

  private Translations() {}

  /**
   * The translation of an operation.
   *
   * @throws InputException if there is none
   */
  static Translation of(OpNode node) {
    Translation translation = BY_NAME.get(node.op().opName());
    if (translation == null) {
      throw new InputException(
          "%s cannot be written as ONNX operators".formatted(node.title()),
          "export the weights as safetensors instead");
    }
    return translation;
  }
}
