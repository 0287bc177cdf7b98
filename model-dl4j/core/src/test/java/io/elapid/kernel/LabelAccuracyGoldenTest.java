package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.DownstreamGolden;
import io.elapid.golden.Goldens;
import org.junit.jupiter.api.Test;

class LabelAccuracyGoldenTest {
  @Test
  void percentagesAreTheOfficialOnes() {
    for (DownstreamGolden golden : DownstreamGolden.family("losses")) {
      assertThat(Goldens.areOurs() && golden.cases("acc_seg").isEmpty()).isFalse();
      for (JsonNode json : golden.cases("acc_seg")) {
        int[] whole = golden.ints(json.at("/inputs/labels"));
        float[] labels = new float[whole.length];
        for (int i = 0; i < labels.length; i++) {
          labels[i] = whole[i];
        }
        JsonNode shape = json.at("/inputs/logits/shape");
        LabelAccuracy accuracy =
            LabelAccuracy.of(
                golden.floats(json.at("/inputs/logits")),
                shape.get(1).asInt(),
                shape.get(2).asInt() * shape.get(3).asInt(),
                labels,
                json.at("/params/ignore_index").asInt());
        float[] expected = golden.floats(json.at("/outputs/percent"));
        assertThat(accuracy.percent()).isCloseTo(expected[0], within(1e-4));
        assertThat(accuracy.percentOfAll()).isCloseTo(expected[1], within(1e-4));
      }
    }
  }

  @Test
  void nothingCountedIsNoPercentage() {
    LabelAccuracy none = LabelAccuracy.of(new float[] {1, 2}, 2, 1, new float[] {255}, 255);
    assertThat(none.percent()).isNaN();
    assertThat(none.percentOfAll()).isZero();
  }
}
