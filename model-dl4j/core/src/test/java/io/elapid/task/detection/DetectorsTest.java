package io.elapid.task.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.elapid.box.RandomSampler;
import io.elapid.box.ScoreRules;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.target.Box;
import io.elapid.data.target.Mask;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.Segmentation;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.engine.Network;
import io.elapid.engine.ParameterRules;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Mode;
import io.elapid.graph.Weights;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.evaluation.Detection;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Detectors from picture to loss and back, and from picture to objects. */
@Tag("backend")
class DetectorsTest {
  private static final int CLASSES = SquarePictures.CLASSES;
  private static final int SIDE = SquarePictures.SIDE;
  private static final DenseBackbone BACKBONE =
      DenseBackbone.of(Models.byName("efficientvim_nano"));

  private static Trainer<DetectionBatch> trainer(Network<DetectionBatch> network) {
    return new Trainer<>(settings(network));
  }

  private static TrainerSettings<DetectionBatch> settings(Network<DetectionBatch> network) {
    return new TrainerSettings<>(
        network,
        Frame.square(1, SIDE),
        3,
        AdamWSettings.published(),
        GradientClip.Limits.norm(10),
        0,
        ParameterRules.published(),
        2);
  }

  private static StepStats learn(Trainer<DetectionBatch> trainer, int steps) {
    StepStats stats = null;
    for (int i = 0; i < steps; i++) {
      stats = trainer.apply(trainer.computeShard(SquarePictures.detection(1)), 1, 1e-3);
      assertThat(stats.loss()).isFinite();
    }
    return stats;
  }

  private static List<Detection> answered(ObjectNetwork network, Trainer<DetectionBatch> trainer) {
    Map<String, NamedTensor> weights =
        trainer.model().stream().collect(Collectors.toMap(NamedTensor::name, t -> t));
    try (Evaluator<DetectionBatch> evaluator =
        new Evaluator<>(network, Frame.square(1, SIDE), Mode.EVAL, weights, 2)) {
      return network
          .found(SquarePictures.detection(1), evaluator.answers(SquarePictures.detection(1)))
          .get(0);
    }
  }

  @Test
  void retinaNetLearnsWhereObjectsAreAndFindsThem() {
    RetinaNet network = new RetinaNet(BACKBONE, CLASSES);
    try (Trainer<DetectionBatch> trainer = trainer(network)) {
      StepStats first = learn(trainer, 1);
      StepStats last = learn(trainer, 40);
      assertThat(last.loss()).isLessThan(0.3 * first.loss());
      assertThat(first.figures()).containsKeys("loss_cls", "loss_bbox");
      assertThat(answered(network, trainer))
          .isNotEmpty()
          .allSatisfy(
              object -> {
                assertThat(object.mask()).isEmpty();
                requireInside(object.box());
              });
    }
  }

  @Test
  void maskRcnnLearnsFromItsOwnProposalsAndCutsOutWhatItFinds() {
    ScoreRules rules = ScoreRules.SECOND_STAGE.with(0.1, 0.5, 7);
    MaskRcnn.Regions regions = new MaskRcnn.Regions(4, 200, new RandomSampler(32, 0.25), rules);
    MaskRcnn network = new MaskRcnn(BACKBONE, CLASSES, regions);
    try (Trainer<DetectionBatch> trainer = trainer(network)) {
      StepStats first = learn(trainer, 1);
      assertThat(first.figures().keySet()).containsAll(MaskRcnn.LOSSES);
      assertThat(first.figures().values()).allSatisfy(v -> assertThat(v).isPositive());
      StepStats last = learn(trainer, 24);
      assertThat(last.loss()).isLessThan(0.5 * first.loss());
      assertThat(answered(network, trainer))
          .hasSizeLessThanOrEqualTo(7)
          .allSatisfy(
              object -> {
                assertThat(object.label()).isBetween(0, CLASSES - 1);
                assertThat(object.score()).isBetween(0.1, 1.0);
                requireInside(object.box());
                assertThat(object.area()).isEqualTo((double) mask(object).area());
              })
          .isSortedAccordingTo(Comparator.comparing(object -> -object.score()))
          .anySatisfy(
              object -> {
                assertThat(object.label()).isEqualTo(1);
                assertThat(object.score()).isGreaterThan(0.5);
                assertThat(overlap(mask(object), 8, 8, 36, 36)).isGreaterThan(0.5);
              });
    }
  }

  @Test
  void convolutionsOfTheNeckStartFromXavierAndTransposedOnesFromHe() {
    Weights weights = Trainer.tensors(settings(new RetinaNet(BACKBONE, CLASSES))).initialWeights(3);
    double[] smoothing = weights.values("neck.extra_fpn_convs.0.conv.weight", 256, 256, 3, 3);
    double[] enlarging = weights.values("neck.extra_trans_convs.0.conv.weight", 256, 256, 2, 2);
    assertThat(deviation(smoothing)).isCloseTo(Math.sqrt(2.0 / (512 * 9)), withinPercentage(1));
    assertThat(deviation(enlarging)).isCloseTo(Math.sqrt(2.0 / (256 * 4)), withinPercentage(1));
  }

  private static double deviation(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(value -> value * value).average().orElseThrow());
  }

  private static void requireInside(Box box) {
    assertThat(box.left()).isBetween(0f, box.right());
    assertThat(box.top()).isBetween(0f, box.bottom());
    assertThat(Math.max(box.right(), box.bottom())).isLessThanOrEqualTo(SIDE);
  }

  private static Mask mask(Detection object) {
    Segmentation.RunLength mask = object.mask().orElseThrow();
    assertThat(mask.width()).isEqualTo(SIDE);
    assertThat(mask.height()).isEqualTo(SIDE);
    return MaskRaster.mask(mask, SIDE, SIDE);
  }

  /** Intersection over union of a mask and a rectangle. */
  private static double overlap(Mask mask, int x1, int y1, int x2, int y2) {
    int both = 0;
    int either = 0;
    for (int y = 0; y < mask.height(); y++) {
      for (int x = 0; x < mask.width(); x++) {
        boolean wanted = x >= x1 && x < x2 && y >= y1 && y < y2;
        both += wanted && mask.contains(x, y) ? 1 : 0;
        either += wanted || mask.contains(x, y) ? 1 : 0;
      }
    }
    return (double) both / either;
  }
}
