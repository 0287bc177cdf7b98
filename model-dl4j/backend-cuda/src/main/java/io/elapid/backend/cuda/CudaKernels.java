package io.elapid.backend.cuda;

import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionShape;
import io.elapid.kernel.CrossEntropyKernel;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.ForwardingKernels;
import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LayerNormKernel;
import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.RoiAlignKernel;
import io.elapid.kernel.ScanProjectionKernel;
import io.elapid.kernel.SelectiveScanKernel;
import io.elapid.kernel.SuppressionKernel;
import java.util.Optional;

/** Kernels on a GPU over a set on the CPU. */
final class CudaKernels extends ForwardingKernels {
  private final Device device;
  private final PositionTables tables;
  private final Offload offload;
  private final Storage storage;

  CudaKernels(
      Device device, PositionTables tables, Offload offload, Storage storage, KernelSet host) {
    super(host);
    this.device = device;
    this.tables = tables;
    this.offload = offload;
    this.storage = storage;
  }

  private boolean all() {
    return offload == Offload.ALL;
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
    return all() && CudaDepthwise.covers(shape, type)
        ? Optional.of(new CudaDepthwise(device, shape))
        : super.convolution(shape, type);
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
  public HaarKernel haar() {
    return all() ? new CudaHaar(device, host().haar()) : super.haar();
  }

  @Override
  public LinearKernel linear() {
    return all() ? new CudaLinear(device, host().linear()) : super.linear();
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
  public OptimizerKernel optimizer() {
    return all() ? new CudaOptimizer(device, host().optimizer()) : super.optimizer();
  }
}
