package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScanOrderTest {
  private static final Map<String, ScanOrder> PUBLISHED =
      Map.of(
          "ss2d_cross", ScanOrder.CROSS,
          "es2d_atrous_step2", ScanOrder.ATROUS,
          "bidirectional_k2", ScanOrder.BIDIRECTIONAL);

  @Test
  void stepsReadThePositionsThatThePublishedScansRead() {
    for (Golden golden : Goldens.discover("orders.json")) {
      for (JsonNode each : golden.cases()) {
        ScanOrder order = PUBLISHED.get(each.path("op").asText());
        int height = each.path("H").asInt();
        int width = each.path("W").asInt();
        assertThat(order.directions()).isEqualTo(each.path("order").size());
        for (int k = 0; k < order.directions(); k++) {
          long[] expected = Goldens.longs(each.path("order").get(k));
          assertThat(order.steps(height, width)).isEqualTo(expected.length);
          for (int t = 0; t < expected.length; t++) {
            assertThat((long) order.position(k, t, height, width))
                .as("%s %dx%d, direction %d, step %d", order, height, width, k, t)
                .isEqualTo(expected[t]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void codesNameTheirOrder(ScanOrder order) {
    assertThat(ScanOrder.ofCode(order.code())).isEqualTo(order);
  }

  @ParameterizedTest
  @EnumSource
  void codesNameTheirRule(StepRule rule) {
    assertThat(StepRule.ofCode(rule.code())).isEqualTo(rule);
  }

  @Test
  void aSequenceIsReadAsItComes() {
    assertThat(ScanOrder.SEQUENTIAL.steps(1, 5)).isEqualTo(5);
    assertThat(ScanOrder.SEQUENTIAL.position(7, 3, 1, 5)).isEqualTo(3);
  }
}
