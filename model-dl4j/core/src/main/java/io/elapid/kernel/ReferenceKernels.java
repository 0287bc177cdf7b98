package io.elapid.kernel;

import java.util.Optional;

/**
 * The specification: every kernel as plain loops that compute in double and round once, on tensors
 * of any type, on the calling thread. Slow on purpose; faster sets are held to it, and use it for
 * what they do not speed up.
 */
public final class ReferenceKernels implements KernelSet {
  @Override
  public String name() {
    return "reference";
  }

  @Override
  public OptimizerKernel optimizer() {
    return new ReferenceOptimizer();
  }

  @Override
  public ActivationKernel activation() {
    return new ReferenceActivation();
  }

  /** None: whole networks run on this set, and {@link ReferenceConvolution} would take hours. */
  @Override
  public Optional<ConvolutionKernel> convolution(ConvolutionShape shape, ElementType type) {
    return Optional.empty();
  }

  @Override
  public BatchNormKernel batchNorm() {
    return new ReferenceBatchNorm();
  }

  @Override
  public ShortcutNormKernel shortcutNorm() {
    return new ReferenceShortcutNorm(batchNorm());
  }

  @Override
  public LayerNormKernel layerNorm() {
    return new ReferenceLayerNorm();
  }

  @Override
  public GatedResidualKernel gatedResidual() {
    return new ReferenceGatedResidual();
  }

  @Override
  public HiddenStateKernel hiddenState() {
    return new ReferenceHiddenState();
  }

  @Override
  public HiddenGateKernel hiddenGate() {
    return new ReferenceHiddenGate();
  }

  /** Little work, and before everything else: no faster set needs its own. */
  @Override
  public FoldingKernel folding() {
    return new ReferenceFolding();
  }

  @Override
  public SpatialMeanKernel spatialMean() {
    return new ReferenceSpatialMean();
  }

  @Override
  public ChannelScaleKernel channelScale() {
    return new ReferenceChannelScale();
  }

  @Override
  public LinearKernel linear() {
    return new ReferenceLinear();
  }

  @Override
  public SoftmaxMixKernel softmaxMix() {
    return new ReferenceSoftmaxMix();
  }

  @Override
  public CrossEntropyKernel crossEntropy() {
    return new ReferenceCrossEntropy();
  }

  @Override
  public DistillationKernel distillation() {
    return new ReferenceDistillation();
  }

  @Override
  public HaarKernel haar() {
    return new ReferenceHaar();
  }

  @Override
  public LaplaceKernel laplace() {
    return new ReferenceLaplace();
  }

  @Override
  public ChannelCopyKernel channelCopy() {
    return new ReferenceChannelCopy();
  }

  @Override
  public PatchKernel patches() {
    return new ReferencePatches();
  }

  @Override
  public SiluGateKernel siluGate() {
    return new ReferenceSiluGate();
  }

  @Override
  public SumKernel sum() {
    return new ReferenceSum();
  }

  @Override
  public SampleScaleKernel sampleScale() {
    return new ReferenceSampleScale();
  }

  @Override
  public ChannelAffineKernel channelAffine() {
    return new ReferenceChannelAffine();
  }

  @Override
  public ScanProjectionKernel scanProjection() {
    return new ReferenceScanProjection();
  }

  @Override
  public SelectiveScanKernel selectiveScan() {
    return new ReferenceSelectiveScan();
  }

  @Override
  public RoiAlignKernel roiAlign() {
    return new ReferenceRoiAlign();
  }

  @Override
  public SuppressionKernel suppression() {
    return new ReferenceSuppression();
  }

  @Override
  public ResampleKernel resample() {
    return new ReferenceResample();
  }

  @Override
  public ClassSelectKernel classSelect() {
    return new ReferenceClassSelect();
  }

  @Override
  public LossKernel losses() {
    return new ReferenceLosses();
  }

  @Override
  public void close() {}
}
