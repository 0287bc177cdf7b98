package io.elapid.task.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.image.LabelMap;
import io.elapid.golden.DownstreamGolden;
import io.elapid.task.evaluation.SegmentationMetrics.AbsentClasses;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentationMetricsTest {
  @Test
  void bothConventionsEqualTheReference() {
    for (DownstreamGolden golden : DownstreamGolden.family("miou")) {
      for (JsonNode c : golden.index().get("cases")) {
        assertThat(c.get("op").asText()).isEqualTo("miou");
        assertThat(c.at("/params/reduce_zero_label").asBoolean()).isTrue();
        assertThat(c.at("/params/ignore_index").asInt()).isEqualTo(LabelMap.IGNORED);
        SegmentationMetrics metrics = counted(golden, c);
        double tolerance = c.get("tol").asDouble();
        compareClasses(golden, c.get("outputs"), metrics, tolerance);
        JsonNode expected = c.get("expected");
        assertThat(metrics.meanIou(AbsentClasses.SKIPPED))
            .isCloseTo(expected.get("mIoU").asDouble(), within(tolerance));
        assertThat(metrics.meanAccuracy(AbsentClasses.SKIPPED))
            .isCloseTo(expected.get("mAcc").asDouble(), within(tolerance));
        assertThat(metrics.pixelAccuracy())
            .isCloseTo(expected.get("aAcc").asDouble(), within(tolerance));
        assertThat(metrics.meanIou(AbsentClasses.ZERO))
            .isCloseTo(expected.get("csail_mean_iou_over_150").asDouble(), within(tolerance));
      }
    }
  }

  private static void compareClasses(
      DownstreamGolden golden, JsonNode outputs, SegmentationMetrics metrics, double tolerance) {
    float[] common = golden.floats(outputs.get("intersect"));
    float[] predicted = golden.floats(outputs.get("pred_area"));
    float[] labelled = golden.floats(outputs.get("label_area"));
    float[] iou = golden.floats(outputs.get("iou"));
    float[] accuracy = golden.floats(outputs.get("acc"));
    assertThat(common).hasSize(metrics.classes());
    for (int i = 0; i < common.length; i++) {
      assertThat((double) metrics.intersection(i)).isEqualTo(common[i]);
      assertThat((double) metrics.predicted(i)).isEqualTo(predicted[i]);
      assertThat((double) metrics.labelled(i)).isEqualTo(labelled[i]);
      // -1 stands for a class that there is nothing to say about
      double ownIou = Double.isNaN(metrics.iou(i)) ? -1 : metrics.iou(i);
      double ownAccuracy = Double.isNaN(metrics.accuracy(i)) ? -1 : metrics.accuracy(i);
      assertThat(ownIou).isCloseTo(iou[i], within(tolerance));
      assertThat(ownAccuracy).isCloseTo(accuracy[i], within(tolerance));
    }
  }

  /** Counted on three ranks and merged from their texts. */
  private static SegmentationMetrics counted(DownstreamGolden golden, JsonNode c) {
    int classes = c.at("/params/num_classes").asInt();
    List<SegmentationMetrics> ranks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ranks.add(new SegmentationMetrics(classes));
    }
    JsonNode inputs = c.get("inputs");
    int pictures = 0;
    for (; inputs.has("label" + pictures); pictures++) {
      LabelMap label = map(golden, inputs.get("label" + pictures)).withoutZero();
      ranks.get(pictures % 3).add(label, map(golden, inputs.get("pred" + pictures)));
    }
    SegmentationMetrics all = SegmentationMetrics.fromJson(ranks.get(2).toJson());
    all.merge(SegmentationMetrics.fromJson(ranks.get(0).toJson()));
    all.merge(SegmentationMetrics.fromJson(ranks.get(1).toJson()));
    assertThat(all.count()).isEqualTo(pictures);
    return all;
  }

  private static LabelMap map(DownstreamGolden golden, JsonNode tensor) {
    int[] values = golden.ints(tensor);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return new LabelMap(
        tensor.get("shape").get(1).asInt(), tensor.get("shape").get(0).asInt(), bytes);
  }

  @Test
  void refusesWhatDoesNotBelongTogether() {
    SegmentationMetrics metrics = new SegmentationMetrics(3);
    LabelMap two = new LabelMap(2, 1, new byte[] {0, 2});
    assertThatThrownBy(() -> metrics.add(two, new LabelMap(1, 2, new byte[2])))
        .hasMessageContaining("1 x 2");
    assertThatThrownBy(() -> metrics.add(two, new LabelMap(2, 1, new byte[] {0, 3})))
        .hasMessageContaining("predicted 3");
    assertThatThrownBy(() -> metrics.merge(new SegmentationMetrics(4)))
        .hasMessageContaining("3 and 4");
    for (String bad : List.of("[]", "{\"classes\":3}", "{\"classes\":3,\"pixels\":[1]}", "x")) {
      assertThatThrownBy(() -> SegmentationMetrics.fromJson(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not segmentation results");
    }
    assertThat(new SegmentationMetrics(3).pixelAccuracy()).isNaN();
  }
}
