package io.elapid.kernel;

import java.util.Optional;

/**
 * One implementation of every kernel.
 *
 * <p>For each call: all tensors have the same element type; outputs do not overlap inputs (but
 * where a kernel allows it) or one another; shapes were checked by the op. Results are the same for
 * any number of threads, bit for bit: work is split by sample or channel and every sum has a fixed
 * order. NaN inputs give NaN outputs. A set serves one calling thread at a time.
 */
public interface KernelSet extends AutoCloseable {
  /** Name for logs: {@code reference}, {@code vector}, ... */
  String name();

  ActivationKernel activation();

  /**
   * The kernel for convolutions of that shape and type; empty where the set has none and the
   * backend's native operations take over.
   */
  Optional<ConvolutionKernel> convolution(ConvolutionShape shape, ElementType type);

  BatchNormKernel batchNorm();

  ShortcutNormKernel shortcutNorm();

  LayerNormKernel layerNorm();

  GatedResidualKernel gatedResidual();

  HiddenStateKernel hiddenState();

  HiddenGateKernel hiddenGate();

  FoldingKernel folding();

  SpatialMeanKernel spatialMean();

  ChannelScaleKernel channelScale();

  LinearKernel linear();

  /**
   * The kernel for products of matrices of that type; empty where the set has none and the
   * backend's native operations take over.
   */
  default Optional<MatrixProductKernel> matrixProduct(ElementType type) {
    return Optional.empty();
  }

  SoftmaxMixKernel softmaxMix();

  CrossEntropyKernel crossEntropy();

  DistillationKernel distillation();

  HaarKernel haar();

  LaplaceKernel laplace();

  ChannelCopyKernel channelCopy();

  PatchKernel patches();

  SiluGateKernel siluGate();

  SampleScaleKernel sampleScale();

  SumKernel sum();

  ChannelAffineKernel channelAffine();

  ScanProjectionKernel scanProjection();

  SelectiveScanKernel selectiveScan();

  RoiAlignKernel roiAlign();

  SuppressionKernel suppression();

  ResampleKernel resample();

  ClassSelectKernel classSelect();

  LossKernel losses();

  OptimizerKernel optimizer();

  /** Where tensors are to be kept for these kernels; empty where any memory will do. */
  default Optional<UnifiedMemory> memory() {
    return Optional.empty();
  }

  /**
   * Returns once everything that kernels were called for is written. Only kernels with a {@link
   * #memory()} of their own return earlier, and only where all their results lie in it.
   */
  default void settle() {}

  /** Releases the threads. */
  @Override
  void close();
}
