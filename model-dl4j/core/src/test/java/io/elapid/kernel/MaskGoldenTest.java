package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.target.Mask;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.Segmentation;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.Goldens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Masks that are cut out of a picture and put back, against values of the official code. */
class MaskGoldenTest {
  private interface Check {
    void run(DownstreamGolden golden, JsonNode json);
  }

  private static void each(String op, Check check) {
    for (DownstreamGolden golden : DownstreamGolden.family("masks")) {
      assertThat(Goldens.areOurs() && golden.cases(op).isEmpty()).as("no %s", op).isFalse();
      golden.cases(op).forEach(json -> check.run(golden, json));
    }
  }

  @Test
  void nothingElseIsInTheFiles() {
    for (DownstreamGolden golden : DownstreamGolden.family("masks")) {
      assertThat(golden.cases("mask_target").size() + golden.cases("paste_masks").size())
          .isEqualTo(golden.index().get("cases").size());
    }
  }

  @Test
  void polygonsAreDrawnAsInTheFiles() {
    each(
        "mask_target",
        (golden, json) -> {
          int height = json.at("/params/image_hw/0").asInt();
          int width = json.at("/params/image_hw/1").asInt();
          int[] bitmaps = golden.ints(json.at("/inputs/bitmaps"));
          int object = 0;
          for (JsonNode polygons : json.at("/params/polygons")) {
            List<double[]> rings = new ArrayList<>();
            polygons.forEach(ring -> rings.add(numbers(ring)));
            Mask mask = MaskRaster.mask(new Segmentation.Polygons(rings), width, height);
            assertThat(mask.values()).isEqualTo(bitmap(bitmaps, object++, width * height));
          }
        });
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    Arrays.setAll(numbers, i -> array.get(i).asDouble());
    return numbers;
  }

  private static byte[] bitmap(int[] all, int index, int length) {
    byte[] one = new byte[length];
    for (int i = 0; i < length; i++) {
      one[i] = (byte) all[index * length + i];
    }
    return one;
  }

  private static Roi box(float[] boxes, int index) {
    int at = 4 * index;
    return new Roi(0, boxes[at], boxes[at + 1], boxes[at + 2], boxes[at + 3]);
  }

  @Test
  void targetsAreTheOfficialOnes() {
    each(
        "mask_target",
        (golden, json) -> {
          int height = json.at("/params/image_hw/0").asInt();
          int width = json.at("/params/image_hw/1").asInt();
          int size = json.at("/params/mask_size").asInt();
          int[] bitmaps = golden.ints(json.at("/inputs/bitmaps"));
          int[] objects = golden.ints(json.at("/inputs/gt_inds"));
          float[] boxes = golden.floats(json.at("/inputs/proposals"));
          float[] soft = golden.floats(json.at("/outputs/soft"));
          int area = size * size;
          float[] targets = new float[objects.length * area];
          for (int i = 0; i < objects.length; i++) {
            byte[] mask = bitmap(bitmaps, objects[i], width * height);
            double[] means = MaskCrop.means(mask, width, height, box(boxes, i), size);
            for (int j = 0; j < area; j++) {
              assertThat(means[j])
                  .isCloseTo(soft[i * area + j], within(json.get("tol").asDouble()));
            }
            MaskCrop.target(mask, width, height, box(boxes, i), size, targets, i * area);
          }
          assertSureOnes(golden, json, "target", targets);
        });
  }

  @Test
  void pastedMasksAreTheOfficialOnes() {
    each(
        "paste_masks",
        (golden, json) -> {
          int height = json.at("/params/image_hw/0").asInt();
          int width = json.at("/params/image_hw/1").asInt();
          int size = json.at("/inputs/logits/shape/1").asInt();
          float[] logits = golden.floats(json.at("/inputs/logits"));
          float[] boxes = golden.floats(json.at("/inputs/boxes"));
          float[] soft = golden.floats(json.at("/outputs/soft"));
          int area = width * height;
          float[] masks = new float[soft.length];
          for (int i = 0; i < boxes.length / 4; i++) {
            float[] prediction = new float[size * size];
            for (int j = 0; j < prediction.length; j++) {
              double logit =
                  json.at("/params/logit_scale").asDouble() * logits[i * prediction.length + j];
              prediction[j] = (float) Scalars.sigmoid(logit);
            }
            MaskPaste paste = new MaskPaste(prediction, size, box(boxes, i));
            assertThat(paste.values(width, height))
                .containsExactly(
                    Arrays.copyOfRange(soft, i * area, (i + 1) * area),
                    within((float) json.get("tol").asDouble()));
            byte[] mask = paste.mask(width, height, json.at("/params/threshold").asDouble());
            for (int j = 0; j < area; j++) {
              masks[i * area + j] = mask[j];
            }
          }
          assertSureOnes(golden, json, "mask", masks);
        });
  }

  private static void assertSureOnes(
      DownstreamGolden golden, JsonNode json, String output, float[] actual) {
    int[] expected = golden.ints(json.path("outputs").path(output));
    int[] sure = golden.ints(json.at("/outputs/sure"));
    assertThat(Arrays.stream(sure).sum()).isPositive();
    for (int i = 0; i < actual.length; i++) {
      if (sure[i] == 1) {
        assertThat(actual[i]).as("%s %d", output, i).isEqualTo(expected[i]);
      }
    }
  }
}
