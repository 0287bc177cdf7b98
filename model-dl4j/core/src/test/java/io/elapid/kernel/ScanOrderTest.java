package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import java.util.Arrays;
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
        ScanOrder order = order(each);
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

  private static ScanOrder order(JsonNode golden) {
    String op = golden.path("op").asText();
    assertThat(PUBLISHED).as("published orders").containsKey(op);
    return PUBLISHED.get(op);
  }

  /** What the steps of all directions write adds up where they read, and so do gradients. */
  @Test
  void stepsWriteWhereThePublishedMergesPutThem() {
    for (Golden golden : Goldens.discover("orders.json")) {
      for (JsonNode each : golden.cases()) {
        Moves moves = new Moves(order(each), each.path("H").asInt(), each.path("W").asInt());
        Filler filler = golden.filler();
        long[] rows = Goldens.longs(each.path("merge_in").path("shape"));
        check(each, "merge", moves.added(values(filler, each.path("merge_in")), rows));
        check(each, "d_merge_in", moves.read(values(filler, each.path("dy")), rows));
        check(each, "d_scan_in", moves.added(values(filler, each.path("dxs")), rows));
      }
    }
  }

  /** Of large arrays the files have some elements. */
  private static void check(JsonNode golden, String name, double[] actual) {
    JsonNode expected = golden.path(name);
    boolean whole = expected.has("data");
    double[] values =
        whole
            ? actual
            : Arrays.stream(Goldens.longs(expected.path("idx")))
                .mapToDouble(i -> actual[(int) i])
                .toArray();
    assertThat(values)
        .as("%s of %s", name, golden.path("op"))
        .containsExactly(Goldens.doubles(expected.path(whole ? "data" : "val")), within(1e-8));
  }

  private static float[] values(Filler filler, JsonNode entry) {
    int length = 1;
    for (long size : Goldens.longs(entry.path("shape"))) {
      length *= (int) size;
    }
    double lo = entry.path("lo").asDouble();
    return filler.range(entry.path("name").asText(), length, lo, entry.path("hi").asDouble());
  }

  /** Between maps (B, C, H, W) and sequences (B, K, C, L). */
  private record Moves(ScanOrder order, int height, int width) {
    double[] added(float[] sequences, long[] shape) {
      double[] map = new double[(int) (shape[0] * shape[2]) * height * width];
      move(shape, (step, place) -> map[place] += sequences[step]);
      return map;
    }

    double[] read(float[] map, long[] shape) {
      double[] sequences = new double[(int) (shape[0] * shape[1] * shape[2] * shape[3])];
      move(shape, (step, place) -> sequences[step] = map[place]);
      return sequences;
    }

    private void move(long[] shape, Move move) {
      int step = 0;
      for (int b = 0; b < shape[0]; b++) {
        for (int k = 0; k < shape[1]; k++) {
          for (int c = 0; c < shape[2]; c++) {
            for (int t = 0; t < shape[3]; t++, step++) {
              int position = order.position(k, t, height, width);
              if (position != ScanOrder.PADDING) {
                int plane = b * (int) shape[2] + c;
                move.apply(step, plane * height * width + position);
              }
            }
          }
        }
      }
    }
  }

  @FunctionalInterface
  private interface Move {
    void apply(int step, int place);
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
