package io.elapid.task.detection;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.box.Anchors;
import io.elapid.box.Detections;
import io.elapid.box.RandomSampler;
import io.elapid.box.ScoreRules;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/** The region proposal network's head, what it learns and what it proposes. */
@Tag("backend")
class RpnGoldenTest {
  static List<GoldenCase> losses() {
    return GoldenCase.of("rpn", "rpn_loss");
  }

  static List<GoldenCase> proposals() {
    return GoldenCase.of("rpn", "rpn_proposals");
  }

  @Test
  void nothingInTheFilesIsPassedOver() {
    for (DownstreamGolden golden : DownstreamGolden.family("rpn")) {
      assertThat(golden.index().get("cases"))
          .extracting(c -> c.get("op").asText())
          .containsOnly("rpn_loss", "rpn_proposals");
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void lossesAndGradientsAreTheOfficialOnes(GoldenCase golden) {
    Anchors anchors = Anchors.proposals(golden.integers("strides"));
    RpnTargets targets =
        RpnTargets.of(
            anchors,
            GoldenPictures.maps(golden),
            GoldenPictures.truths(golden),
            (assignment, image) -> {
              assertThat(assignment.truths()).containsExactly(golden.outputInts("assign" + image));
              return new RandomSampler.Draw(
                  golden.inputInts("pos_inds" + image), golden.inputInts("neg_inds" + image));
            });
    golden.check("avg_factor", targets.divisor());
    try (GoldenModule module =
        new GoldenModule(golden, Mode.TRAIN, (scope, maps) -> build(scope, maps, targets))) {
      module.check();
      golden.check("loss_rpn_cls", losses(golden, module, "object."));
      golden.check("loss_rpn_bbox", losses(golden, module, "box."));
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
      Scope scope, List<FeatureMap> levels, RpnTargets targets) {
    List<DenseMaps> maps = RpnHead.apply(scope.child("rpn_head"), levels);
    Map<String, SDVariable> outputs = outputs(maps);
    List<SDVariable> counted = new ArrayList<>();
    for (int l = 0; l < levels.size(); l++) {
      float[] values = targets.dense().levels().get(l).counted();
      counted.add(GoldenPictures.constant(scope, values, levels.get(l), RpnHead.ANCHORS));
    }
    DenseLosses losses =
        RpnHead.losses(
            scope,
            maps,
            GoldenPictures.wanted(scope, targets.dense(), levels, RpnHead.ANCHORS),
            counted,
            scope.graph().constant(Nd4j.scalar((double) targets.divisor())));
    for (int l = 0; l < maps.size(); l++) {
      outputs.put("object." + l, losses.classes().get(l));
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
  @MethodSource("proposals")
  void proposalsAreTheOfficialOnes(GoldenCase golden) {
    GoldenCase trained = golden.companion("rpn_loss");
    JsonNode parameters = trained.json().get("parameters");
    Anchors anchors = Anchors.proposals(trained.integers("strides"));
    try (GoldenModule module =
        new GoldenModule(
            golden,
            parameters,
            Mode.EVAL,
            (scope, levels) -> {
              Map<String, SDVariable> outputs =
                  outputs(RpnHead.apply(scope.child("rpn_head"), levels));
              return new GoldenModule.Built(outputs.get("cls.0"), outputs);
            })) {
      for (int image = 0; golden.hasOutput("boxes" + image); image++) {
        ScoreRules rules =
            new ScoreRules(
                0,
                golden.outputInts("nms_pre" + image)[0],
                golden.param("nms").asDouble(),
                golden.param("max_per_img").asInt());
        Detections found =
            rules.proposals(
                GoldenPictures.levels(golden, module, anchors, image, 1),
                GoldenPictures.picture(golden, image),
                NonMaxSuppression.PLAIN);
        if (golden.hasOutput("total" + image)) {
          assertThat(found.size()).isEqualTo(golden.outputInts("total" + image)[0]);
        }
        int stored = golden.outputInts("levels" + image).length;
        Detections best = found.rows(IntStream.range(0, stored).toArray());
        assertThat(best.labels()).containsExactly(golden.outputInts("levels" + image));
        golden.check("scores" + image, best.scores());
        golden.check("boxes" + image, best.boxes().corners());
      }
    }
  }
}
