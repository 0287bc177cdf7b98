package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.Goldens;
import io.elapid.kernel.NonMaxSuppression.Detections;
import io.elapid.kernel.SoftSuppression.Decay;
import io.elapid.op.OpRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Suppression of boxes by the backend's kernel against values of the official code. */
@Tag("backend")
class SuppressionGoldenTest {
  private static NonMaxSuppression suppression;

  @BeforeAll
  static void register() {
    suppression = new NonMaxSuppression(OpRegistry.register().kernels().suppression());
  }

  private record Case(DownstreamGolden golden, JsonNode json) {
    float[] floats(String input) {
      return golden.floats(json.path("inputs").path(input));
    }

    int[] ints(String kind, String name) {
      return golden.ints(json.path(kind).path(name));
    }

    double number(String parameter) {
      return json.path("params").path(parameter).asDouble();
    }

    int whole(String parameter) {
      return json.path("params").path(parameter).asInt();
    }
  }

  static List<Named<Case>> cases() {
    List<Named<Case>> cases = new ArrayList<>();
    for (DownstreamGolden golden : DownstreamGolden.family("nms")) {
      for (JsonNode json : golden.index().get("cases")) {
        cases.add(Named.of(json.get("name").asText(), new Case(golden, json)));
      }
    }
    return cases;
  }

  @Test
  void everyKindIsThere() {
    Set<String> ops = new TreeSet<>();
    assumeTrue(Goldens.areOurs());
    cases().forEach(each -> ops.add(each.getPayload().json().get("op").asText()));
    assertThat(ops).contains("nms", "batched_nms", "multiclass_nms", "soft_nms");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theSameBoxesAreKeptInTheSameOrder(Case golden) {
    switch (golden.json().get("op").asText()) {
      case "nms" -> plain(golden);
      case "batched_nms" -> batched(golden);
      case "multiclass_nms" -> perClass(golden);
      case "soft_nms" -> soft(golden);
      default -> throw new IllegalArgumentException(golden.json().get("op").asText());
    }
  }

  private static void plain(Case golden) {
    float[] scores = golden.floats("scores");
    int[] expected = golden.ints("outputs", "keep");
    double threshold = golden.number("iou_threshold");
    float[] boxes = golden.floats("boxes");
    assertThat(suppression.keep(boxes, scores, threshold, scores.length)).isEqualTo(expected);
    int few = expected.length / 2;
    assertThat(suppression.keep(boxes, scores, threshold, few))
        .isEqualTo(java.util.Arrays.copyOf(expected, few));
  }

  private static void batched(Case golden) {
    float[] scores = golden.floats("scores");
    assertThat(
            suppression.keep(
                golden.floats("boxes"),
                scores,
                golden.ints("inputs", "ids"),
                golden.number("iou_threshold"),
                scores.length))
        .isEqualTo(golden.ints("outputs", "keep"));
  }

  private static void perClass(Case golden) {
    int classes = golden.whole("num_classes");
    float[] boxes = golden.floats("boxes");
    float[] scores = golden.floats("scores");
    Detections found =
        suppression.perClass(
            boxes,
            scores,
            classes + 1,
            classes,
            golden.number("score_thr"),
            golden.number("iou_threshold"),
            golden.whole("max_per_img"));
    float[] dets = golden.golden().floats(golden.json().at("/outputs/dets"));
    assertThat(found.indices()).isEqualTo(golden.ints("outputs", "flat_index"));
    int[] labels = golden.ints("outputs", "labels");
    for (int i = 0; i < found.count(); i++) {
      assertThat(found.label(i)).isEqualTo(labels[i]);
      assertThat(scores[found.row(i) * (classes + 1) + found.label(i)]).isEqualTo(dets[5 * i + 4]);
      assertThat(boxes[4 * found.indices()[i]]).isEqualTo(dets[5 * i]);
    }
  }

  private static void soft(Case golden) {
    String method = golden.json().at("/params/method").asText().toUpperCase(Locale.ROOT);
    SoftSuppression soft =
        new SoftSuppression(
            method.equals("NAIVE") ? Decay.NONE : Decay.valueOf(method),
            golden.number("iou_threshold"),
            golden.number("sigma"),
            golden.number("min_score"));
    SoftSuppression.Kept kept = soft.keep(golden.floats("boxes"), golden.floats("scores"));
    assertThat(kept.indices()).isEqualTo(golden.ints("outputs", "index"));
    float[] expected = golden.golden().floats(golden.json().at("/outputs/scores_out"));
    assertThat(kept.scores())
        .containsExactly(expected, within((float) golden.json().get("tol").asDouble()));
  }
}
