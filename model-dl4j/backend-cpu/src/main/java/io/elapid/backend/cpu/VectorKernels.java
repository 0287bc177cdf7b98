package io.elapid.backend.cpu;

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
import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.HiddenGateKernel;
import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.LayerNormKernel;
import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.PatchKernel;
import io.elapid.kernel.ReferenceKernels;
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
import io.elapid.kernel.Workers;
import java.util.Optional;

/**
 * Float kernels on the JDK's Vector API; doubles, and what costs next to nothing, go to the
 * reference.
 */
final class VectorKernels implements KernelSet {
  private final ReferenceKernels reference = new ReferenceKernels();
  private final Workers workers;
  private final VectorConvolutions convolutions;
  private final ScanProjectionKernel scanProjection;
  private final SelectiveScanKernel selectiveScan;

  VectorKernels(int threads) {
    workers = new Workers(threads);
    convolutions = new VectorConvolutions(workers);
    scanProjection = new VectorScanProjection(workers, reference.scanProjection());
    selectiveScan = new VectorSelectiveScan(workers, reference.selectiveScan());
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public ActivationKernel activation() {
    return new VectorActivation(workers, reference.activation());
  }

  @Override
  public Optional<ConvolutionKernel> convolution(ConvolutionShape shape, ElementType type) {
    return convolutions.kernel(shape, type);
  }

  @Override
  public BatchNormKernel batchNorm() {
    return new VectorBatchNorm(workers, reference.batchNorm());
  }

  @Override
  public ShortcutNormKernel shortcutNorm() {
    return new VectorShortcutNorm(workers, reference.shortcutNorm());
  }

  @Override
  public LayerNormKernel layerNorm() {
    return new VectorLayerNorm(workers, reference.layerNorm());
  }

  @Override
  public GatedResidualKernel gatedResidual() {
    return new VectorGatedResidual(workers, reference.gatedResidual());
  }

  @Override
  public HiddenStateKernel hiddenState() {
    return new VectorHiddenState(workers, reference.hiddenState());
  }

  @Override
  public HiddenGateKernel hiddenGate() {
    return new VectorHiddenGate(workers, reference.hiddenGate());
  }

  @Override
  public FoldingKernel folding() {
    return reference.folding();
  }

  @Override
  public SpatialMeanKernel spatialMean() {
    return new VectorChannels.Mean(workers, reference.spatialMean());
  }

  @Override
  public ChannelScaleKernel channelScale() {
    return new VectorChannels.Scale(workers, reference.channelScale());
  }

  @Override
  public LinearKernel linear() {
    return new VectorLinear(workers, reference.linear());
  }

  @Override
  public SoftmaxMixKernel softmaxMix() {
    return reference.softmaxMix();
  }

  @Override
  public CrossEntropyKernel crossEntropy() {
    return reference.crossEntropy();
  }

  @Override
  public DistillationKernel distillation() {
    return reference.distillation();
  }

  @Override
  public HaarKernel haar() {
    return new PlaneHaar(workers, reference.haar());
  }

  @Override
  public LaplaceKernel laplace() {
    return new PlaneLaplace(workers, reference.laplace());
  }

  @Override
  public ChannelCopyKernel channelCopy() {
    return new BlockChannelCopy(workers);
  }

  @Override
  public PatchKernel patches() {
    return new PlanePatches(workers, reference.patches());
  }

  @Override
  public SiluGateKernel siluGate() {
    return new VectorSiluGate(workers, reference.siluGate());
  }

  @Override
  public SumKernel sum() {
    return new VectorSum(workers, reference.sum());
  }

  @Override
  public SampleScaleKernel sampleScale() {
    return new VectorSampleScale(workers, reference.sampleScale());
  }

  @Override
  public ChannelAffineKernel channelAffine() {
    return new VectorChannelAffine(workers, reference.channelAffine());
  }

  @Override
  public ScanProjectionKernel scanProjection() {
    return scanProjection;
  }

  @Override
  public SelectiveScanKernel selectiveScan() {
    return selectiveScan;
  }

  @Override
  public RoiAlignKernel roiAlign() {
    return new PlaneRoiAlign(workers, reference.roiAlign());
  }

  @Override
  public SuppressionKernel suppression() {
    return reference.suppression();
  }

  @Override
  public ResampleKernel resample() {
    return new PlaneResample(workers, reference.resample());
  }

  @Override
  public ClassSelectKernel classSelect() {
    return new BlockClassSelect(workers, reference.classSelect());
  }

  @Override
  public LossKernel losses() {
    return new VectorLosses(workers, reference.losses());
  }

  @Override
  public OptimizerKernel optimizer() {
    return new VectorOptimizer(workers, reference.optimizer());
  }

  @Override
  public void close() {
    workers.close();
  }
}
