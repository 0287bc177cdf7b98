package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.box.RandomSampler;
import io.elapid.box.ScoreRules;
import io.elapid.data.loader.ImageBatch;
import io.elapid.engine.Frame;
import io.elapid.engine.Network;
import io.elapid.engine.ParameterRules;
import io.elapid.engine.TrainerSettings;
import io.elapid.export.OnnxExport;
import io.elapid.model.Models;
import io.elapid.optim.GradientClip;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.dense.Neck;
import io.elapid.task.detection.MaskRcnn;
import io.elapid.task.detection.RetinaNet;
import io.elapid.task.detection.SquarePictures;
import io.elapid.task.segmentation.SegmentationHead.SemanticFpn;
import io.elapid.task.segmentation.Segmenter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Detectors and a segmenter that learn on the device, against the same on the CPU. */
@Tag(StandInCondition.TAG)
@Tag("gpu")
class DenseTrainingTest {
  @TempDir private Path folder;

  /** What a JVM computes: a lesson of a network with narrow heads. */
  public static final class Program {
    /** So many that norms of the deepest maps are not all rounding. */
    private static final int PICTURES = 4;

    private static final int CHANNELS = 16;
    private static final DenseBackbone BACKBONE = DenseBackbone.of(Models.byName("tinyvim_s"));

    private Program() {}

    public static void main(String[] args) throws Exception {
      Path file = Path.of(args[0]);
      switch (args[1]) {
        case "retinanet" -> {
          RetinaNet network =
              new RetinaNet(
                  BACKBONE,
                  SquarePictures.CLASSES,
                  new Neck(CHANNELS, RetinaNet.NECK.extra()),
                  ScoreRules.RETINA_NET);
          lesson(network, SquarePictures.detection(PICTURES), answers(network)).write(file);
        }
        case "mask_rcnn" -> {
          MaskRcnn.Regions regions =
              new MaskRcnn.Regions(2, 16, new RandomSampler(4, 0.25), ScoreRules.SECOND_STAGE);
          MaskRcnn network =
              new MaskRcnn(
                  BACKBONE,
                  SquarePictures.CLASSES,
                  new Neck(CHANNELS, MaskRcnn.NECK.extra()),
                  regions);
          lesson(network, SquarePictures.detection(PICTURES), List.of()).write(file);
        }
        default -> {
          SemanticFpn head =
              new SemanticFpn(new Neck(CHANNELS, SemanticFpn.NECK.extra()), CHANNELS);
          Segmenter network =
              new Segmenter(BACKBONE, SquarePictures.CLASSES, head, Optional.empty());
          lesson(network, SquarePictures.segmentation(PICTURES), answers(network)).write(file);
        }
      }
    }

    private static List<String> answers(Network<?> network) {
      return List.copyOf(OnnxExport.outputs(network, SquarePictures.SIDE).keySet());
    }

    private static <B extends ImageBatch> Lesson<B> lesson(
        Network<B> network, B batch, List<String> answers) {
      TrainerSettings<B> settings =
          new TrainerSettings<>(
              network,
              Frame.square(PICTURES, SquarePictures.SIDE),
              3,
              Lesson.SMOOTH,
              GradientClip.Limits.norm(10),
              0,
              ParameterRules.published(),
              1);
      return new Lesson<>(settings, List.of(batch), 1, answers);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"retinanet", "mask_rcnn", "semantic_fpn"})
  void headsLearnOnTheDeviceToo(String network) throws Exception {
    Learnt cpu = Learnt.from(Program.class, folder, Learnt.CPU, List.of(), network);
    Learnt device = Learnt.from(Program.class, folder, Learnt.DEVICE, List.of(), network);
    assertThat(device.output())
        .contains("kernels: cuda over vector")
        .doesNotContain("state spaces only");
    // Mask R-CNN turns the weights of a transposed convolution
    assertThat(device.elsewhere())
        .isEqualTo(network.equals("mask_rcnn") ? Set.of("permute") : Set.of());
    device.requireCloseTo(cpu, 1e-4);
  }
}
