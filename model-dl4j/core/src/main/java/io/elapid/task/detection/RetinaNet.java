package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.Detections;
import io.elapid.box.ScoreRules;
import io.elapid.data.image.Size;
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
import io.elapid.op.Sum;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.dense.Neck;
import io.elapid.task.evaluation.Detection;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * RetinaNet over any backbone: five levels of strides 8 to 128. Parameters {@code backbone}, {@code
 * neck} and {@code bbox_head}.
 */
public final class RetinaNet implements ObjectNetwork {
  /** Figure: focal loss of the classes. */
  public static final String CLASS_LOSS = "loss_cls";

  /** Figure: absolute differences of the boxes. */
  public static final String BOX_LOSS = "loss_bbox";

  /** The published neck: coarse levels of the last map of the backbone. */
  public static final Neck NECK = new Neck(256, FpnSettings.Extra.FROM_INPUT);

  private static final List<Integer> STRIDES = List.of(8, 16, 32, 64, 128);
  private static final Anchors ANCHORS = Anchors.retinaNet(STRIDES);
  private static final String DIVISOR = "divisor";

  private final DenseBackbone backbone;
  private final int classes;
  private final Neck neck;
  private final ScoreRules rules;

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
    this.classes = classes;
    this.neck = neck;
    this.rules = rules;
  }

  @Override
  public String name() {
    return "retinanet_" + backbone.network().name();
  }

  @Override
  public List<Figure> figures() {
    return List.of(Figure.ofShards(CLASS_LOSS), Figure.ofShards(BOX_LOSS));
  }

  @Override
  public SDVariable learn(Scope scope, Ports ports) {
    List<DenseMaps> maps = maps(scope, ports);
    List<DenseMaps.Wanted> wanted = DensePorts.wanted(ports, "", maps);
    RetinaHead.Losses losses = RetinaHead.losses(scope, maps, wanted, ports.input(DIVISOR));
    SDVariable classLoss = losses.classLoss(scope);
    SDVariable boxLoss = losses.boxLoss(scope);
    ports.figure(CLASS_LOSS, classLoss);
    ports.figure(BOX_LOSS, boxLoss);
    return Sum.apply(scope.graph(), List.of(classLoss, boxLoss));
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
    return RetinaHead.apply(scope.child("bbox_head"), levels, classes);
  }

  @Override
  public void teach(DetectionBatch batch, Buffers inputs, Average<DetectionBatch> average) {
    List<Size> maps = DensePorts.maps(inputs, DensePorts.LABELS, STRIDES.size());
    List<Truths> truths = batch.samples().stream().map(s -> Truths.of(s, classes)).toList();
    RetinaTargets targets = RetinaTargets.of(ANCHORS, maps, truths, classes);
    DensePorts.write(inputs, "", targets.dense());
    inputs.floats(DIVISOR).put(targets.divisor());
  }

  @Override
  public Instances.Parts parts() {
    return Instances.Parts.BOXES;
  }

  @Override
  public List<List<Detection>> found(DetectionBatch batch, Buffers outputs) {
    DensePorts.Answers answers = DensePorts.Answers.of(outputs, ANCHORS, classes);
    List<List<Detection>> found = new ArrayList<>();
    for (int i = 0; i < batch.samples().size(); i++) {
      found.add(
          objects(rules.detections(answers.levels(i), Truths.picture(batch.samples().get(i)))));
    }
    return found;
  }

  private static List<Detection> objects(Detections found) {
    List<Detection> objects = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      objects.add(Detection.of(found.labels()[i], found.scores()[i], found.boxes().box(i)));
    }
    return objects;
  }
}
