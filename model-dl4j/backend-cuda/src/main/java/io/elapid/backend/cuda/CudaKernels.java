package io.elapid.backend.cuda;

import io.elapid.kernel.ActivationKernel;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.ChannelAffineKernel;
import io.elapid.kernel.ChannelCopyKernel;
import io.elapid.kernel.ChannelScaleKernel;
import io.elapid.kernel.ClassSelectKernel;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.CrossEntropyKernel;
import io.elapid.kernel.DistillationKernel;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.FoldingKernel;
import io.elapid.kernel.ForwardingKernels;
import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.HiddenGateKernel;
import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.LayerNormKernel;
import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.MatrixProductKernel;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.PatchKernel;
import io.elapid.kernel.ResampleKernel;
import io.elapid.kernel.RoiAlignKernel;
import io.elapid.kernel.SampleScaleKernel;
import io.elapid.kernel.ScanProjectionKernel;
import io.elapid.kernel.SelectiveScanKernel;
import io.elapid.kernel.ShortcutNormKernel;
import io.elapid.kernel.SiluGateKernel;
import io.elapid.kernel.SoftmaxMixKernel;
import io.elapid.kernel.SpatialMeanKernel;
import io.elapid.kernel.SumKernel;
import io.elapid.kernel.SuppressionKernel;
import io.elapid.kernel.UnifiedMemory;
import java.util.Optional;

/** Kernels on a GPU over a set on the CPU. */
final class CudaKernels extends ForwardingKernels {
  private final Device device;
  private final PositionTables tables;
  private final Offload offload;
  private final Storage storage;

  CudaKernels(
      Device device, PositionTables tables, Offload offload, Storage storage, KernelSet host) {
    super(offload == Offload.NETWORK ? SettledKernels.of(host, device::settle) : host);
    this.device = device;
    this.tables = tables;
    this.offload = offload;
    this.storage = storage;
  }

  private boolean all() {
    return offload != Offload.STATE_SPACES;
  }

  @Override
  public Optional<UnifiedMemory> memory() {
    return offload == Offload.NETWORK ? Optional.of(device.unified()) : Optional.empty();
  }

  @Override
  public void settle() {
    device.settle();
  }

  @Override
  public void close() {
    try {
      device.settleBeforeClosing();
    } finally {
      super.close();
    }
  }

  @Override
  public String name() {
    return (storage == Storage.FLOAT32 ? "cuda" : "cuda in " + storage) + " over " + host().name();
  }

  @Override
  public SelectiveScanKernel selectiveScan() {
    return new CudaSelectiveScan(device, tables, storage, host().selectiveScan());
  }

  @Override
  public ScanProjectionKernel scanProjection() {
    return all()
        ? new CudaScanProjection(device, tables, host().scanProjection())
        : super.scanProjection();
  }

  @Override
  public HiddenStateKernel hiddenState() {
    return new CudaHiddenState(device, host().hiddenState());
  }

  @Override
  public Optional<ConvolutionKernel> convolution(ConvolutionShape shape, ElementType type) {
    if (!all() || !CudaConvolution.covers(shape, type)) {
      return super.convolution(shape, type);
    }
    return Optional.of(
        CudaDepthwise.covers(shape, type)
            ? new CudaDepthwise(device, shape)
            : new CudaConvolution(device, shape));
  }

  @Override
  public BatchNormKernel batchNorm() {
    return all() ? new CudaBatchNorm(device, host().batchNorm()) : super.batchNorm();
  }

  @Override
  public LayerNormKernel layerNorm() {
    return all() ? new CudaLayerNorm(device, host().layerNorm()) : super.layerNorm();
  }

  @Override
  public GatedResidualKernel gatedResidual() {
    return all() ? new CudaGatedResidual(device, host().gatedResidual()) : super.gatedResidual();
  }

  @Override
  public FoldingKernel folding() {
    return all() ? new CudaFolding(device, host().folding()) : super.folding();
  }

  @Override
  public HaarKernel haar() {
    return all() ? new CudaHaar(device, host().haar()) : super.haar();
  }

  @Override
  public ActivationKernel activation() {
    return all() ? new CudaActivation(device, host().activation()) : super.activation();
  }

  @Override
  public ShortcutNormKernel shortcutNorm() {
    return all() ? new CudaShortcutNorm(device, host().shortcutNorm()) : super.shortcutNorm();
  }

  @Override
  public HiddenGateKernel hiddenGate() {
    return all() ? new CudaHiddenGate(device, host().hiddenGate()) : super.hiddenGate();
  }

  @Override
  public SpatialMeanKernel spatialMean() {
    return all() ? new CudaSpatialMean(device, host().spatialMean()) : super.spatialMean();
  }

  @Override
  public ChannelScaleKernel channelScale() {
    return all() ? new CudaChannelScale(device, host().channelScale()) : super.channelScale();
  }

  @Override
  public SoftmaxMixKernel softmaxMix() {
    return all() ? new CudaSoftmaxMix(device, host().softmaxMix()) : super.softmaxMix();
  }

  @Override
  public DistillationKernel distillation() {
    return all() ? new CudaDistillation(device, host().distillation()) : super.distillation();
  }

  @Override
  public LaplaceKernel laplace() {
    return all() ? new CudaLaplace(device, host().laplace()) : super.laplace();
  }

  @Override
  public ChannelCopyKernel channelCopy() {
    return all() ? new CudaChannelCopy(device, host().channelCopy()) : super.channelCopy();
  }

  @Override
  public PatchKernel patches() {
    return all() ? new CudaPatches(device, host().patches()) : super.patches();
  }

  @Override
  public SiluGateKernel siluGate() {
    return all() ? new CudaSiluGate(device, host().siluGate()) : super.siluGate();
  }

  @Override
  public SampleScaleKernel sampleScale() {
    return all() ? new CudaSampleScale(device, host().sampleScale()) : super.sampleScale();
  }

  @Override
  public SumKernel sum() {
    return all() ? new CudaSum(device, host().sum()) : super.sum();
  }

  @Override
  public ChannelAffineKernel channelAffine() {
    return all() ? new CudaChannelAffine(device, host().channelAffine()) : super.channelAffine();
  }

  @Override
  public LinearKernel linear() {
    return all() ? new CudaLinear(device, host().linear()) : super.linear();
  }

  @Override
  public Optional<MatrixProductKernel> matrixProduct(ElementType type) {
    return all() && type == ElementType.FLOAT
        ? Optional.of(new CudaMatrixProduct(device))
        : super.matrixProduct(type);
  }

  @Override
  public CrossEntropyKernel crossEntropy() {
    return all() ? new CudaCrossEntropy(device, host().crossEntropy()) : super.crossEntropy();
  }

  @Override
  public RoiAlignKernel roiAlign() {
    return all() ? new CudaRoiAlign(device, host().roiAlign()) : super.roiAlign();
  }

  @Override
  public SuppressionKernel suppression() {
    return all() ? new CudaSuppression(device, host().suppression()) : super.suppression();
  }

  @Override
  public ResampleKernel resample() {
    return all() ? new CudaResample(device, host().resample()) : super.resample();
  }

  @Override
  public ClassSelectKernel classSelect() {
    return all() ? new CudaClassSelect(device, host().classSelect()) : super.classSelect();
  }

  @Override
  public LossKernel losses() {
    return all() ? new CudaLosses(device, host().losses()) : super.losses();
  }

  @Override
  public OptimizerKernel optimizer() {
    return all() ? new CudaOptimizer(device, host().optimizer()) : super.optimizer();
  }
}
