package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.BoxCoder;
import io.elapid.box.MaxIouAssigner;
import io.elapid.box.ScoreRules;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.target.Instances;
import io.elapid.engine.Buffers;
import io.elapid.engine.Figure;
import io.elapid.engine.Ports;
import io.elapid.graph.Scope;
import io.elapid.nn.EfficientVitFpn;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.Fpn;
import io.elapid.nn.FpnSettings;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.dense.Neck;
import io.elapid.task.evaluation.Detection;
import java.util.List;
import java.util.function.UnaryOperator;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * RetinaNet over any backbone: five levels of strides 8 to 128. Parameters {@code backbone}, {@code
 * neck} and {@code bbox_head}.
 */
public final class RetinaNet implements ObjectNetwork {
  /** The published neck: coarse levels of the last map of the backbone. */
  public static final Neck NECK = new Neck(256, FpnSettings.Extra.FROM_INPUT);

  private static final List<Integer> STRIDES = List.of(8, 16, 32, 64, 128);
  private static final Anchors ANCHORS = Anchors.retinaNet(STRIDES);
  private static final MaxIouAssigner ASSIGNER = MaxIouAssigner.of(0.5, 0.4, 0);

  private final DenseBackbone backbone;
  private final Neck neck;
  private final OneStage stage;

  /** As published. */
  public RetinaNet(DenseBackbone backbone, int classes) {
    this(backbone, classes, NECK, ScoreRules.RETINA_NET);
  }

  /**
   * Over a backbone.
   *
   * @param rules by which objects are chosen
   */
  public RetinaNet(DenseBackbone backbone, int classes, Neck neck, ScoreRules rules) {
    this.backbone = backbone;
    this.neck = neck;
    this.stage = stage(ANCHORS, classes, rules);
  }

  /**
   * An anchor belongs to the object that it overlaps by a half or more, to none below 0.4, and
   * every object has its best anchors at least.
   */
  static OneStage stage(Anchors anchors, int classes, ScoreRules rules) {
    return new OneStage(anchors, ASSIGNER, BoxCoder.PLAIN, classes, rules);
  }

  @Override
  public String name() {
    return "retinanet_" + backbone.network().name();
  }

  @Override
  public List<Figure> figures() {
    return OneStage.figures();
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    return OneStage.learn(scope, ports, maps(scope, ports), RetinaHead::losses);
  }

  @Override
  public void answer(Scope scope, Ports ports) {
    DensePorts.give(ports, maps(scope, ports));
  }

  private List<DenseMaps> maps(Scope scope, Ports ports) {
    // stride 4 has no level
    int first = backbone.isCoarse() ? 0 : 1;
    List<FeatureMap> maps = backbone.maps(scope, ports.images(), first);
    Scope pyramid = scope.child("neck");
    FpnSettings settings = neck.levels(STRIDES.size());
    List<FeatureMap> levels =
        backbone.isCoarse()
            ? EfficientVitFpn.apply(pyramid, maps, 1, backbone.preNorm(), settings)
            : Fpn.apply(pyramid, maps, settings);
    return RetinaHead.apply(scope.child("bbox_head"), levels, stage.classes());
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
    return stage.found(batch, outputs, stage.classes(), UnaryOperator.identity());
  }
}
