package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.BoxCoder;
import io.elapid.box.DenseLevel;
import io.elapid.box.Detections;
import io.elapid.box.MaxIouAssigner;
import io.elapid.box.PictureFrame;
import io.elapid.box.ScoreRules;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.engine.Buffers;
import io.elapid.engine.Figure;
import io.elapid.engine.Ports;
import io.elapid.graph.Scope;
import io.elapid.kernel.NonMaxSuppression;
import io.elapid.op.Sum;
import io.elapid.task.evaluation.Detection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What detectors share whose only head says of every anchor what it holds and where.
 *
 * @param coder of the boxes that the head says
 * @param classes without the background
 * @param rules by which objects are chosen
 */
record OneStage(
    Anchors anchors, MaxIouAssigner assigner, BoxCoder coder, int classes, ScoreRules rules) {
  private static final String CLASS_LOSS = "loss_cls";
  private static final String BOX_LOSS = "loss_bbox";
  private static final String DIVISOR = "divisor";

  static List<Figure> figures() {
    return List.of(Figure.ofShards(CLASS_LOSS), Figure.ofShards(BOX_LOSS));
  }

  /** What a head makes losses of. */
  @FunctionalInterface
  interface Losses {
    DenseLosses of(
        Scope scope, List<DenseMaps> maps, List<DenseMaps.Wanted> wanted, SDVariable divisor);
  }

  /** Declares targets and adds the losses of them. */
  static SDVariable learn(Scope scope, Ports ports, List<DenseMaps> maps, Losses losses) {
    List<DenseMaps.Wanted> wanted = DensePorts.wanted(ports, "", maps);
    DenseLosses all = losses.of(scope, maps, wanted, ports.input(DIVISOR));
    SDVariable classLoss = all.classLoss(scope);
    SDVariable boxLoss = all.boxLoss(scope);
    ports.figure(CLASS_LOSS, classLoss);
    ports.figure(BOX_LOSS, boxLoss);
    return Sum.apply(scope.graph(), List.of(classLoss, boxLoss));
  }

  /** Writes the targets of a batch. */
  void teach(DetectionBatch batch, Buffers inputs) {
    List<Size> maps = DensePorts.maps(inputs, DensePorts.LABELS, anchors.levels().size());
    List<Truths> truths = batch.samples().stream().map(s -> Truths.of(s, classes)).toList();
    AnchorTargets targets = targets(maps, truths);
    DensePorts.write(inputs, "", targets.dense());
    inputs.floats(DIVISOR).put(targets.divisor());
  }

  AnchorTargets targets(List<Size> maps, List<Truths> pictures) {
    return AnchorTargets.of(this, maps, pictures);
  }

  /**
   * What was found in each picture of a batch.
   *
   * @param scored classes that the head tells apart, the background included where it does
   * @param sigmoids what turns a level's logits into those that scores are the sigmoids of
   */
  List<List<Detection>> found(
      DetectionBatch batch, Buffers outputs, int scored, UnaryOperator<DenseLevel> sigmoids) {
    DensePorts.Answers answers = DensePorts.Answers.of(outputs, anchors, scored);
    List<List<Detection>> found = new ArrayList<>();
    for (int i = 0; i < batch.samples().size(); i++) {
      List<DenseLevel> levels = answers.levels(i).stream().map(sigmoids).toList();
      PictureFrame picture = Truths.picture(batch.samples().get(i));
      found.add(objects(rules.detections(levels, picture, coder, NonMaxSuppression.PLAIN)));
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
