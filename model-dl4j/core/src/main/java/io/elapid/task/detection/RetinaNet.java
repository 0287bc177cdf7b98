package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.Detections;
import io.elapid.box.ScoreRules;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.engine.Buffers;
import io.elapid.engine.Figure;
import io.elapid.engine.Network;
import io.elapid.engine.Ports;
import io.elapid.graph.Scope;
import io.elapid.nn.EfficientVitFpn;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.Fpn;
import io.elapid.nn.FpnSettings;
import io.elapid.op.Sum;
import io.elapid.task.dense.DenseBackbone;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * RetinaNet over any backbone: five levels of strides 8 to 128. Parameters {@code backbone}, {@code
 * neck} and {@code bbox_head}.
 */
public final class RetinaNet implements Network<DetectionBatch> {
  /** Figure: focal loss of the classes. */
  public static final String CLASS_LOSS = "loss_cls";

  /** Figure: absolute differences of the boxes. */
  public static final String BOX_LOSS = "loss_bbox";

  private static final int CHANNELS = 256;
  private static final List<Integer> STRIDES = List.of(8, 16, 32, 64, 128);
  private static final Anchors ANCHORS = Anchors.retinaNet(STRIDES);
  private static final String DIVISOR = "divisor";

  private final DenseBackbone backbone;
  private final int classes;

  public RetinaNet(DenseBackbone backbone, int classes) {
    this.backbone = backbone;
    this.classes = classes;
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
    Scope neck = scope.child("neck");
    FpnSettings settings =
        new FpnSettings(CHANNELS, 0, STRIDES.size(), FpnSettings.Extra.FROM_INPUT);
    List<FeatureMap> levels =
        backbone.isCoarse()
            ? EfficientVitFpn.apply(neck, maps, 1, backbone.preNorm(), settings)
            : Fpn.apply(neck, maps, settings);
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

  /** What was found in each picture of a batch, in the coordinates of the original pictures. */
  public List<Detections> detections(DetectionBatch batch, Buffers outputs) {
    DensePorts.Answers answers = DensePorts.Answers.of(outputs, ANCHORS, classes);
    List<Detections> found = new ArrayList<>();
    for (int i = 0; i < batch.samples().size(); i++) {
      found.add(
          ScoreRules.RETINA_NET.detections(
              answers.levels(i), Truths.picture(batch.samples().get(i))));
    }
    return found;
  }
}
