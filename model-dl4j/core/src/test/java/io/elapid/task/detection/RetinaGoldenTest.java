package io.elapid.task.detection;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.box.Anchors;
import io.elapid.box.BoxCoder;
import io.elapid.box.Detections;
import io.elapid.box.ScoreRules;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.GoldenCase;
import io.elapid.golden.GoldenModule;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.NonMaxSuppression;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Sum;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/** RetinaNet's head, what it learns and what it answers, against the official code. */
@Tag("backend")
class RetinaGoldenTest {
  static List<GoldenCase> losses() {
    return GoldenCase.of("retinanet", "retinanet_loss");
  }

  static List<GoldenCase> predictions() {
    return GoldenCase.of("retinanet", "retinanet_predict");
  }

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("retinanet")) {
      assertThat(golden.index().get("cases"))
          .extracting(c -> c.get("op").asText())
          .containsOnly("retinanet_loss", "retinanet_predict");
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void lossesAndGradientsAreTheOfficialOnes(GoldenCase golden) {
    Anchors anchors = Anchors.retinaNet(golden.integers("strides"));
    int classes = golden.param("num_classes").asInt();
    AnchorTargets targets =
        RetinaNet.stage(anchors, classes, ScoreRules.RETINA_NET)
            .targets(GoldenPictures.maps(golden), GoldenPictures.truths(golden));
    golden.check("avg_factor", targets.divisor());
    try (GoldenModule module =
        new GoldenModule(
            golden, Mode.TRAIN, (scope, maps) -> build(scope, maps, targets, classes))) {
      module.check();
      golden.check("loss_cls", losses(golden, module, "class."));
      golden.check("loss_bbox", losses(golden, module, "box."));
    }
  }

  private static float[] losses(GoldenCase golden, GoldenModule module, String prefix) {
    float[] losses = new float[golden.inputs("input.")];
    for (int l = 0; l < losses.length; l++) {
      losses[l] = module.output(prefix + l)[0];
    }
    return losses;
  }

  private static GoldenModule.Built build(
      Scope scope, List<FeatureMap> levels, AnchorTargets targets, int classes) {
    List<DenseMaps> maps = RetinaHead.apply(scope.child("bbox_head"), levels, classes);
    Map<String, SDVariable> outputs = outputs(maps);
    DenseLosses losses =
        RetinaHead.losses(
            scope,
            maps,
            GoldenPictures.wanted(scope, targets.dense(), levels, RetinaHead.ANCHORS),
            scope.graph().constant(Nd4j.scalar((double) targets.divisor())));
    for (int l = 0; l < maps.size(); l++) {
      outputs.put("class." + l, losses.classes().get(l));
      outputs.put("box." + l, losses.boxes().get(l));
    }
    SDVariable loss =
        Sum.apply(scope.graph(), List.of(losses.classLoss(scope), losses.boxLoss(scope)));
    return new GoldenModule.Built(loss, outputs);
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
  @MethodSource("predictions")
  void detectionsAreTheOfficialOnes(GoldenCase golden) {
    GoldenCase trained = golden.companion("retinanet_loss");
    JsonNode parameters = trained.json().get("parameters");
    Anchors anchors = Anchors.retinaNet(trained.integers("strides"));
    int classes = golden.param("num_classes").asInt();
    try (GoldenModule module =
        new GoldenModule(
            golden,
            parameters,
            Mode.EVAL,
            (scope, levels) -> {
              Map<String, SDVariable> outputs =
                  outputs(RetinaHead.apply(scope.child("bbox_head"), levels, classes));
              return new GoldenModule.Built(outputs.get("cls.0"), outputs);
            })) {
      for (int image = 0; golden.hasOutput("boxes" + image); image++) {
        ScoreRules rules =
            new ScoreRules(
                golden.param("score_thr").asDouble(),
                golden.outputInts("nms_pre" + image)[0],
                golden.param("nms").asDouble(),
                golden.param("max_per_img").asInt());
        Detections found =
            rules.detections(
                GoldenPictures.levels(golden, module, anchors, image, classes),
                GoldenPictures.picture(golden, image),
                BoxCoder.PLAIN,
                NonMaxSuppression.PLAIN);
        assertThat(found.labels()).containsExactly(golden.outputInts("labels" + image));
        golden.check("scores" + image, found.scores());
        golden.check("boxes" + image, found.boxes().corners());
      }
    }
  }
}
