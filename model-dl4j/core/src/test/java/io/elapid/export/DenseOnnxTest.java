package io.elapid.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.box.ScoreRules;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.data.image.Size;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.engine.Buffers;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.engine.Network;
import io.elapid.engine.ParameterRules;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.golden.Filler;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.dense.Neck;
import io.elapid.task.detection.MaskRcnn;
import io.elapid.task.detection.RetinaNet;
import io.elapid.task.detection.SsdLite;
import io.elapid.task.segmentation.SegmentationHead;
import io.elapid.task.segmentation.SegmentationHead.DeepLabV3;
import io.elapid.task.segmentation.SegmentationHead.PspNet;
import io.elapid.task.segmentation.SegmentationHead.SemanticFpn;
import io.elapid.task.segmentation.SegmentationHead.UperNet;
import io.elapid.task.segmentation.Segmenter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Segmenters and detectors with one stage as ONNX models in ONNX Runtime, against our own float32
 * answers.
 */
@Tag("backend")
class DenseOnnxTest {
  private static final int CLASSES = 5;
  private static final int SIDE = 128;
  private static final int PICTURES = 2;
  private static final double TOLERANCE = 1e-4;
  private static final Filler FILLER = new Filler(12);

  private static DenseBackbone backbone(String name) {
    return DenseBackbone.of(Models.byName(name));
  }

  private static Network<DetectionBatch> detector(String head, String backbone) {
    return switch (head) {
      case "retinanet" ->
          new RetinaNet(
              backbone(backbone),
              CLASSES,
              new Neck(32, RetinaNet.NECK.extra()),
              ScoreRules.RETINA_NET);
      case "ssdlite" -> new SsdLite(backbone(backbone), CLASSES, 32, ScoreRules.SSD_LITE);
      default -> new MaskRcnn(backbone(backbone), CLASSES, MaskRcnn.Regions.PUBLISHED);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "retinanet, efficientvim_nano",
    "retinanet, tinyvim_s",
    "ssdlite, mobilemamba_t2",
    "ssdlite, efficientvmamba_t"
  })
  void whatDetectorsAnswerIsOurs(String head, String backbone) {
    DetectionBatch batch = new DetectionBatch(pixels(), new Size(SIDE, SIDE), List.of(), PICTURES);
    compare(detector(head, backbone), batch);
  }

  @ParameterizedTest
  @CsvSource({
    "semanticfpn, efficientvmamba_t",
    "deeplabv3, mobilemamba_t2",
    "pspnet, efficientvim_nano",
    "upernet, tinyvim_s"
  })
  void whatSegmentersAnswerIsOurs(String name, String backbone) {
    SegmentationHead head =
        switch (name) {
          case "semanticfpn" -> new SemanticFpn(new Neck(32, SemanticFpn.NECK.extra()), 24);
          case "deeplabv3" -> new DeepLabV3(24);
          case "pspnet" -> new PspNet(24);
          default -> new UperNet(24);
        };
    Optional<Segmenter.Auxiliary> second =
        head instanceof SemanticFpn
            ? Optional.empty()
            : Optional.of(new Segmenter.Auxiliary(16, 0.4));
    Segmenter network = new Segmenter(backbone(backbone), CLASSES, head, second);
    SegmentationBatch batch =
        new SegmentationBatch(
            pixels(),
            ByteBuffer.allocateDirect(PICTURES * SIDE * SIDE),
            new Size(SIDE, SIDE),
            List.of(),
            PICTURES);
    compare(network, batch);
  }

  private static ByteBuffer pixels() {
    float[] images = images();
    ByteBuffer pixels =
        ByteBuffer.allocateDirect(images.length * Float.BYTES).order(ByteOrder.nativeOrder());
    pixels.asFloatBuffer().put(images);
    return pixels;
  }

  private static float[] images() {
    return FILLER.input("input", PICTURES * 3 * SIDE * SIDE);
  }

  private static <B extends ImageBatch> void compare(Network<B> network, B batch) {
    Map<String, NamedTensor> weights = weights(network);
    OnnxModel model = OnnxExport.of(network, SIDE, weights, Map.of());
    try (Evaluator<B> evaluator =
            new Evaluator<>(network, Frame.square(PICTURES, SIDE), Mode.DEPLOY, weights, 1);
        OnnxRun run = new OnnxRun(model)) {
      Buffers ours = evaluator.answers(batch);
      Map<String, float[]> theirs = run.all(images(), PICTURES, 3, SIDE, SIDE);
      Map<String, List<Long>> said = OnnxExport.outputs(network, SIDE);
      assertThat(theirs).isNotEmpty().containsOnlyKeys(said.keySet());
      said.forEach(
          (name, size) ->
              assertThat((long) theirs.get(name).length)
                  .as(name)
                  .isEqualTo(
                      PICTURES
                          * size.stream().mapToLong(Long::longValue).reduce(1, (x, y) -> x * y)));
      theirs.forEach((name, values) -> compare(name, values, ours.floats(name)));
    }
  }

  private static void compare(String name, float[] theirs, FloatBuffer ours) {
    assertThat(theirs).as(name).hasSize(ours.remaining());
    double largest = 0;
    double difference = 0;
    for (float value : theirs) {
      float own = ours.get();
      assertThat(value).isFinite();
      largest = Math.max(largest, Math.abs(own));
      difference = Math.max(difference, Math.abs(value - own));
    }
    assertThat(largest).as(name).isGreaterThan(1e-3);
    assertThat(difference / largest).as(name).isLessThan(TOLERANCE);
  }

  /** Far from what training begins with. */
  private static <B extends ImageBatch> Map<String, NamedTensor> weights(Network<B> network) {
    ParameterTable table =
        Trainer.tensors(
            new TrainerSettings<>(
                network,
                Frame.square(PICTURES, SIDE),
                1,
                AdamWSettings.published(),
                GradientClip.Limits.norm(0),
                0,
                ParameterRules.published(),
                1));
    return FilledWeights.of(table, FILLER);
  }

  @Test
  void detectorsThatLookTwiceAreRefused() {
    Network<DetectionBatch> network = detector("maskrcnn", "efficientvim_nano");
    assertThatThrownBy(() -> OnnxExport.of(network, SIDE, Map.of(), Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("maskrcnn_efficientvim_nano cannot be written as one ONNX graph");
  }
}
