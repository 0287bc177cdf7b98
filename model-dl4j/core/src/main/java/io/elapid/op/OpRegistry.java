package io.elapid.op;

import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.imports.converters.ImportClassMapping;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/** Makes the ops of this package known to ND4J. */
public final class OpRegistry {
  private OpRegistry() {}

  /**
   * Initialises ND4J and registers every op by name, which SameDiff needs to copy and to load
   * graphs. Any number of calls.
   *
   * @return what runs the ops, to set its threads
   * @throws IllegalStateException if ND4J runs on a backend that is not Elapid's
   */
  public static OpRunner register() {
    OpExecutioner executioner = Nd4j.getExecutioner();
    if (!(executioner instanceof KernelHost host)) {
      throw new IllegalStateException(
          "ND4J runs on "
              + executioner.getClass().getName()
              + ", which does not know Elapid's ops; put elapid-backend-cpu (or"
              + " another Elapid backend) on the class path and set no -Dopexec");
    }
    Map<String, DifferentialFunction> known = ImportClassMapping.getOpNameMapping();
    synchronized (known) {
      ops().forEach(op -> known.putIfAbsent(op.opName(), op));
    }
    return host.opRunner();
  }

  static List<ElapidOp> ops() {
    return List.of(
        new Activation(),
        new ActivationGradient(),
        new BatchMoments(),
        new BatchMomentsGradient(),
        new BatchNorm(),
        new BatchNormGradient(),
        new BatchNormInference(),
        new BatchNormInferenceGradient(),
        new BinaryCrossEntropy(),
        new ChannelAffine(),
        new ChannelAffineGradient(),
        new ChannelConcat(),
        new ChannelConcatGradient(),
        new ChannelMoments(),
        new ChannelMomentsGradient(),
        new ChannelScale(),
        new ChannelScaleGradient(),
        new ChannelSplit(),
        new ClassSelect(),
        new ClassSelectGradient(),
        new Conv2d(),
        new Conv2dGradient(),
        new Conv2dWeightGradient(),
        new FocalLoss(),
        new GatedResidual(),
        new GatedResidualGradient(),
        new HaarDwt(),
        new HaarDwtGradient(),
        new HaarIdwt(),
        new HardNegatives(),
        new HiddenGate(),
        new HiddenGateGradient(),
        new HiddenState(),
        new HiddenStateGradient(),
        new LabelCrossEntropy(),
        new LaplaceMerge(),
        new LaplaceMergeGradient(),
        new LaplaceSplit(),
        new LaplaceSplitGradient(),
        new LayerNorm2d(),
        new LayerNorm2dGradient(),
        new Linear(),
        new LinearGradient(),
        new LossGradient(),
        new MatrixProduct(),
        new MatrixProductGradient(),
        new NormStatisticsGradient(),
        new PatchGather(),
        new PatchGatherGradient(),
        new PatchScatter(),
        new RegionDetections(),
        new RegionProposals(),
        new RegionTargets(),
        new Resample(),
        new ResampleGradient(),
        new RoiAlign(),
        new RoiAlignGradient(),
        new SampleScale(),
        new SmoothL1Loss(),
        new ShortcutNorm(),
        new ShortcutNormGradient(),
        new SiluGate(),
        new SiluGateGradient(),
        new ScanProjection(),
        new ScanProjectionGradient(),
        new SelectiveScan(),
        new SelectiveScanGradient(),
        new SoftDistillation(),
        new SoftmaxCrossEntropy(),
        new SoftmaxCrossEntropyGradient(),
        new SoftmaxMix(),
        new SoftmaxMixGradient(),
        new SpatialMean(),
        new SpatialMeanGradient(),
        new Sum());
  }
}
