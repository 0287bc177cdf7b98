package io.elapid.data.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.Golden;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.RunLengths.Join;
import io.elapid.data.target.Segmentation.RunLength;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Masks as runs against what COCO's own code makes of the same ones. */
class RunLengthsTest {
  static List<JsonNode> goldens() {
    return Golden.files("rle.json");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("goldens")
  void areasAndBoxesAroundMasks(JsonNode golden) {
    int compared = 0;
    for (String list : List.of("masks", "polygons")) {
      for (JsonNode one : golden.get(list)) {
        RunLength mask = mask(one, one.get("string").asText());
        assertThat(mask.area()).isEqualTo(one.get("area").asLong());
        Box box = RunLengths.bounds(mask);
        float[] expected = floats(one.get("bbox_xywh"));
        assertThat(new float[] {box.left(), box.top(), box.width(), box.height()})
            .isEqualTo(expected);
        compared++;
      }
    }
    assertThat(compared).isPositive();
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("goldens")
  void boxesAsMasks(JsonNode golden) {
    for (JsonNode one : golden.get("boxes")) {
      JsonNode box = one.get("xywh");
      RunLength mask =
          RunLengths.ofBox(
              box.get(0).asDouble(),
              box.get(1).asDouble(),
              box.get(2).asDouble(),
              box.get(3).asDouble(),
              one.at("/size/1").asInt(),
              one.at("/size/0").asInt());
      assertThat(RunLengthText.encode(mask.counts())).isEqualTo(one.get("string").asText());
      assertThat(mask.area()).isEqualTo(one.get("area").asLong());
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("goldens")
  void unionsAndIntersections(JsonNode golden) {
    for (JsonNode one : golden.get("merge")) {
      List<RunLength> masks = new ArrayList<>();
      one.get("in").forEach(text -> masks.add(mask(one, text.asText())));
      Join join = one.get("intersect").asBoolean() ? Join.INTERSECTION : Join.UNION;
      RunLength merged = RunLengths.merge(masks, join);
      assertThat(RunLengthText.encode(merged.counts())).isEqualTo(one.get("out").asText());
      assertThat(merged.area()).isEqualTo(one.get("area").asLong());
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("goldens")
  void overlapsWithObjectsAndCrowds(JsonNode golden) {
    for (JsonNode one : golden.get("iou")) {
      for (int d = 0; d < one.get("dt").size(); d++) {
        for (int g = 0; g < one.get("gt").size(); g++) {
          double iou =
              RunLengths.iou(
                  mask(one, one.get("dt").get(d).asText()),
                  mask(one, one.get("gt").get(g).asText()),
                  one.get("iscrowd").get(g).asInt() == 1 ? Extent.CROWD : Extent.OBJECT);
          assertThat(iou).isEqualTo(one.get("iou").get(d).get(g).asDouble());
        }
      }
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("goldens")
  void textsOfAllKindsOfRuns(JsonNode golden) {
    for (String list : List.of("strings", "uncompressed")) {
      for (JsonNode one : golden.get(list)) {
        int[] counts = RunLengthText.decode(one.get("string").asText());
        assertThat(counts).hasSize(one.get("counts").size());
        for (int i = 0; i < counts.length; i++) {
          assertThat(counts[i]).isEqualTo(one.get("counts").get(i).asInt());
        }
        assertThat(RunLengthText.encode(counts)).isEqualTo(one.get("string").asText());
      }
    }
  }

  @Test
  void masksOfDifferentSizesHaveNothingInCommon() {
    RunLength one = new RunLength(2, 3, new int[] {1, 5});
    RunLength other = new RunLength(3, 2, new int[] {1, 5});
    assertThatThrownBy(() -> RunLengths.intersection(one, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 x 3 and 3 x 2");
    assertThatThrownBy(() -> RunLengths.merge(List.of(), Join.UNION))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static RunLength mask(JsonNode one, String text) {
    return new RunLength(
        one.at("/size/1").asInt(), one.at("/size/0").asInt(), RunLengthText.decode(text));
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }
}
