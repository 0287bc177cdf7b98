package io.elapid.task.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.box.Anchors;
import io.elapid.box.Boxes;
import io.elapid.box.DenseLevel;
import io.elapid.box.Detections;
import io.elapid.box.PictureFrame;
import io.elapid.box.ScoreRules;
import io.elapid.data.image.Size;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.GoldenCase;
import io.elapid.golden.GoldenModule;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.NonMaxSuppression;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Sum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/** SSDLite's levels and head, what they learn and answer, against the official code. */
@Tag("backend")
class SsdLiteGoldenTest {
  static List<GoldenCase> losses() {
    return GoldenCase.of("ssdlite", "ssdlite_loss");
  }

  static List<GoldenCase> predictions() {
    return GoldenCase.of("ssdlite", "ssdlite_predict");
  }

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("ssdlite")) {
      assertThat(golden.index().get("cases"))
          .extracting(c -> c.get("op").asText())
          .containsOnly("ssdlite_loss", "ssdlite_predict");
    }
  }

  private static Anchors anchors(GoldenCase golden) {
    return Anchors.ssd(
        golden.integers("strides"), golden.integers("min_sizes"), golden.integers("max_sizes"));
  }

  private static OneStage stage(GoldenCase golden, GoldenCase trained) {
    return SsdLite.stage(
        anchors(trained),
        trained.param("num_classes").asInt(),
        new ScoreRules(
            golden.param("score_thr").asDouble(),
            golden.param("nms_pre").asInt(),
            golden.param("nms").asDouble(),
            golden.param("max_per_img").asInt()));
  }

  /** Adds levels and head; sizes of the levels go into {@code sizes}. */
  private static List<DenseMaps> maps(
      GoldenCase trained, Scope scope, List<FeatureMap> inputs, List<Size> sizes) {
    List<Integer> widths = trained.integers("out_channels");
    List<Long> extra =
        widths.subList(inputs.size(), widths.size()).stream().map(Integer::longValue).toList();
    List<FeatureMap> levels = SsdLiteHead.levels(scope.child("neck"), inputs, extra);
    levels.forEach(map -> sizes.add(new Size((int) map.width(), (int) map.height())));
    return SsdLiteHead.apply(
        scope.child("bbox_head"), levels, trained.param("num_classes").asInt());
  }

  private static Map<String, SDVariable> outputs(List<DenseMaps> maps) {
    Map<String, SDVariable> outputs = new LinkedHashMap<>();
    for (int l = 0; l < maps.size(); l++) {
      outputs.put("cls." + l, maps.get(l).logits().value());
      outputs.put("reg." + l, maps.get(l).deltas().value());
    }
    return outputs;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void lossesAndGradientsAreTheOfficialOnes(GoldenCase golden) {
    try (GoldenModule module =
        new GoldenModule(golden, Mode.EVAL, (scope, inputs) -> build(golden, scope, inputs))) {
      module.check();
      compare(golden, "loss_cls", module.output("classes")[0]);
      compare(golden, "loss_bbox", module.output("boxes")[0]);
    }
  }

  /** The file has a loss for each picture. */
  private static void compare(GoldenCase golden, String name, float actual) {
    double sum = 0;
    for (float loss : golden.output(name)) {
      sum += loss;
    }
    double tolerance = golden.json().get("tol").asDouble() * Math.max(1, sum);
    assertThat((double) actual).as(name).isCloseTo(sum, within(tolerance));
  }

  private static GoldenModule.Built build(GoldenCase golden, Scope scope, List<FeatureMap> inputs) {
    List<Size> sizes = new ArrayList<>();
    List<DenseMaps> maps = maps(golden, scope, inputs, sizes);
    OneStage stage =
        SsdLite.stage(anchors(golden), golden.param("num_classes").asInt(), ScoreRules.SSD_LITE);
    AnchorTargets targets = stage.targets(sizes, truths(golden));
    golden.check("avg_factor", targets.divisor());
    DenseLosses losses =
        SsdLiteHead.losses(
            scope,
            maps,
            GoldenPictures.wanted(
                scope,
                targets.dense(),
                maps.stream().map(DenseMaps::deltas).toList(),
                SsdLiteHead.ANCHORS),
            scope.graph().constant(Nd4j.scalar((double) targets.divisor())));
    Map<String, SDVariable> outputs = outputs(maps);
    SDVariable classes = losses.classLoss(scope);
    SDVariable boxes = losses.boxLoss(scope);
    outputs.put("classes", classes);
    outputs.put("boxes", boxes);
    SDVariable loss = Sum.apply(scope.graph(), List.of(classes, boxes));
    return new GoldenModule.Built(loss, outputs);
  }

  private static Size picture(GoldenCase golden) {
    JsonNode size = golden.param("img_shape");
    return new Size(size.get(1).asInt(), size.get(0).asInt());
  }

  private static List<Truths> truths(GoldenCase golden) {
    List<Truths> pictures = new ArrayList<>();
    for (int i = 0; golden.hasInput("gt" + i); i++) {
      pictures.add(
          new Truths(
              new Boxes(golden.input("gt" + i)), golden.inputInts("labels" + i), picture(golden)));
    }
    return pictures;
  }

  @ParameterizedTest
  @MethodSource("predictions")
  void detectionsAreTheOfficialOnes(GoldenCase golden) {
    GoldenCase trained = golden.companion("ssdlite_loss");
    List<Size> sizes = new ArrayList<>();
    try (GoldenModule module =
        new GoldenModule(
            golden,
            trained.json().get("parameters"),
            Mode.EVAL,
            (scope, inputs) -> {
              Map<String, SDVariable> outputs = outputs(maps(trained, scope, inputs, sizes));
              return new GoldenModule.Built(outputs.get("cls.0"), outputs);
            })) {
      OneStage stage = stage(golden, trained);
      Size picture = picture(golden);
      PictureFrame frame = new PictureFrame(picture.width(), picture.height(), 1, 1);
      int batch = (int) golden.inputShape("input.0")[0];
      for (int image = 0; golden.hasOutput("boxes" + image); image++) {
        List<DenseLevel> levels = new ArrayList<>();
        for (int l = 0; l < sizes.size(); l++) {
          levels.add(
              new DenseLevel(
                      stage.anchors().levels().get(l),
                      sizes.get(l),
                      stage.classes() + 1,
                      GoldenPictures.part(module.output("cls." + l), image, batch),
                      GoldenPictures.part(module.output("reg." + l), image, batch))
                  .withoutBackground());
        }
        Detections found =
            stage.rules().detections(levels, frame, stage.coder(), NonMaxSuppression.PLAIN);
        assertThat(found.labels()).containsExactly(golden.outputInts("labels" + image));
        golden.check("scores" + image, found.scores());
        golden.check("boxes" + image, found.boxes().corners());
      }
    }
  }
}
