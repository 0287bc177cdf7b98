package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.BoxCoder;
import io.elapid.box.DenseLevel;
import io.elapid.box.MaxIouAssigner;
import io.elapid.box.ScoreRules;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.target.Instances;
import io.elapid.engine.Buffers;
import io.elapid.engine.Figure;
import io.elapid.engine.Ports;
import io.elapid.graph.Scope;
import io.elapid.nn.FeatureMap;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.evaluation.Detection;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * SSDLite over any backbone: its maps of strides 16 and 32, and four coarser ones. Parameters
 * {@code backbone}, {@code neck} and {@code bbox_head}.
 */
public final class SsdLite implements ObjectNetwork {
  /** Channels of the second and third of the coarser levels, as published. */
  public static final long WIDTH = 256;

  private static final int MAPS = 2;
  private static final int FINEST_STRIDE = 16;
  private static final Anchors ANCHORS =
      Anchors.ssd(
          List.of(16, 32, 64, 107, 160, 320),
          List.of(48, 100, 150, 202, 253, 304),
          List.of(100, 150, 202, 253, 304, 320));
  private static final MaxIouAssigner ASSIGNER =
      new MaxIouAssigner(
          0.5f, 0.5f, 0, MaxIouAssigner.LowQuality.FIRST, MaxIouAssigner.Crowds.UNNOTICED);

  private final DenseBackbone backbone;
  private final long width;
  private final OneStage stage;

  /**
   * Over a backbone.
   *
   * @param width of the second and third coarser level; the first is twice as wide, the last half
   * @param rules by which objects are chosen
   */
  public SsdLite(DenseBackbone backbone, int classes, long width, ScoreRules rules) {
    this.backbone = backbone;
    this.width = width;
    this.stage = stage(ANCHORS, classes, rules);
  }

  static OneStage stage(Anchors anchors, int classes, ScoreRules rules) {
    return new OneStage(anchors, ASSIGNER, BoxCoder.SCALED, classes, rules);
  }

  @Override
  public String name() {
    return "ssdlite_" + backbone.network().name();
  }

  @Override
  public List<Figure> figures() {
    return OneStage.figures();
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    return OneStage.learn(scope, ports, maps(scope, ports), SsdLiteHead::losses);
  }

  @Override
  public void answer(Scope scope, Ports ports) {
    DensePorts.give(ports, maps(scope, ports));
  }

  private List<DenseMaps> maps(Scope scope, Ports ports) {
    int first = Integer.numberOfTrailingZeros(FINEST_STRIDE / backbone.finestStride());
    List<FeatureMap> maps = backbone.maps(scope, ports.images(), first, first + MAPS);
    List<FeatureMap> levels =
        SsdLiteHead.levels(scope.child("neck"), maps, List.of(2 * width, width, width, width / 2));
    return SsdLiteHead.apply(scope.child("bbox_head"), levels, stage.classes());
  }

  @Override
  public void teach(DetectionBatch batch, Buffers inputs, Average<DetectionBatch> average) {
    stage.teach(batch, inputs);
  }

  @Override
  public Instances.Parts parts() {
    return Instances.Parts.BOXES;
  }

  @Override
  public List<List<Detection>> found(DetectionBatch batch, Buffers outputs) {
    return stage.found(batch, outputs, stage.classes() + 1, DenseLevel::withoutBackground);
  }
}
