package io.elapid.kernel;

import java.util.Optional;

/** Every kernel of another set, which it owns; a base for sets that replace some of them. */
public abstract class ForwardingKernels implements KernelSet {
  private final KernelSet host;

  /** Forwards to {@code host}. */
  protected ForwardingKernels(KernelSet host) {
    this.host = host;
  }

  /** The set behind this one. */
  protected final KernelSet host() {
    return host;
  }

  @Override
  public ActivationKernel activation() {
    return host.activation();
  }

  @Override
  public Optional<ConvolutionKernel> convolution(ConvolutionShape shape, ElementType type) {
    return host.convolution(shape, type);
  }

  @Override
  public BatchNormKernel batchNorm() {
    return host.batchNorm();
  }

  @Override
  public ShortcutNormKernel shortcutNorm() {
    return host.shortcutNorm();
  }

  @Override
  public LayerNormKernel layerNorm() {
    return host.layerNorm();
  }

  @Override
  public GatedResidualKernel gatedResidual() {
    return host.gatedResidual();
  }

  @Override
  public HiddenStateKernel hiddenState() {
    return host.hiddenState();
  }

  @Override
  public HiddenGateKernel hiddenGate() {
    return host.hiddenGate();
  }

  @Override
  public FoldingKernel folding() {
    return host.folding();
  }

  @Override
  public SpatialMeanKernel spatialMean() {
    return host.spatialMean();
  }

  @Override
  public ChannelScaleKernel channelScale() {
    return host.channelScale();
  }

  @Override
  public LinearKernel linear() {
    return host.linear();
  }

  @Override
  public Optional<MatrixProductKernel> matrixProduct(ElementType type) {
    return host.matrixProduct(type);
  }

  @Override
  public SoftmaxMixKernel softmaxMix() {
    return host.softmaxMix();
  }

  @Override
  public CrossEntropyKernel crossEntropy() {
    return host.crossEntropy();
  }

  @Override
  public DistillationKernel distillation() {
    return host.distillation();
  }

  @Override
  public HaarKernel haar() {
    return host.haar();
  }

  @Override
  public LaplaceKernel laplace() {
    return host.laplace();
  }

  @Override
  public ChannelCopyKernel channelCopy() {
    return host.channelCopy();
  }

  @Override
  public PatchKernel patches() {
    return host.patches();
  }

  @Override
  public SiluGateKernel siluGate() {
    return host.siluGate();
  }

  @Override
  public SampleScaleKernel sampleScale() {
    return host.sampleScale();
  }

  @Override
  public SumKernel sum() {
    return host.sum();
  }

  @Override
  public ChannelAffineKernel channelAffine() {
    return host.channelAffine();
  }

  @Override
  public ScanProjectionKernel scanProjection() {
    return host.scanProjection();
  }

  @Override
  public SelectiveScanKernel selectiveScan() {
    return host.selectiveScan();
  }

  @Override
  public RoiAlignKernel roiAlign() {
    return host.roiAlign();
  }

  @Override
  public SuppressionKernel suppression() {
    return host.suppression();
  }

  @Override
  public ResampleKernel resample() {
    return host.resample();
  }

  @Override
  public ClassSelectKernel classSelect() {
    return host.classSelect();
  }

  @Override
  public LossKernel losses() {
    return host.losses();
  }

  @Override
  public OptimizerKernel optimizer() {
    return host.optimizer();
  }

  @Override
  public Optional<UnifiedMemory> memory() {
    return host.memory();
  }

  @Override
  public void settle() {
    host.settle();
  }

  @Override
  public void close() {
    host.close();
  }
}
