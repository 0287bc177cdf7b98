package io.elapid.data.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MaskRasterTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static List<JsonNode> runLengths() {
    return Golden.files("rle.json");
  }

  static List<Golden.Case> targets() {
    return Golden.cases("masks", "mask_target");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("runLengths")
  void fillsPolygonsToThePixelAsPycocotoolsDoes(JsonNode golden) {
    for (JsonNode one : golden.get("polygons")) {
      int height = one.get("size").get(0).asInt();
      int width = one.get("size").get(1).asInt();
      Segmentation polygon =
          new Segmentation.Polygons(List.of(JSON.convertValue(one.get("xy"), double[].class)));
      Segmentation.RunLength runs = MaskRaster.runs(polygon, width, height);
      assertThat(runs.counts()).isEqualTo(JSON.convertValue(one.get("counts"), int[].class));
      Mask mask = MaskRaster.mask(polygon, width, height);
      assertThat(mask.area()).isEqualTo(one.get("area").asLong());
      assertThat(RunLengthText.encode(MaskRaster.runs(mask).counts()))
          .isEqualTo(one.get("string").asText());
    }
    assertThat(golden.get("polygons").size()).isPositive();
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("runLengths")
  void drawsRunLengthsAsPycocotoolsDoes(JsonNode golden) {
    for (JsonNode one : golden.get("masks")) {
      int height = one.get("size").get(0).asInt();
      int width = one.get("size").get(1).asInt();
      int[] counts = JSON.convertValue(one.get("counts"), int[].class);
      Mask mask = MaskRaster.mask(new Segmentation.RunLength(width, height, counts), width, height);
      for (int y = 0; y < height && one.get("rows").isArray(); y++) {
        for (int x = 0; x < width; x++) {
          boolean inside = one.get("rows").get(y).asText().charAt(x) == '1';
          assertThat(mask.contains(x, y)).isEqualTo(inside);
        }
      }
      assertThat(MaskRaster.runs(mask).counts()).isEqualTo(counts);
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("targets")
  void bitmapsOfSeveralPolygonsAreTheirUnion(Golden.Case golden) {
    int height = golden.params().get("image_hw").get(0).asInt();
    int width = golden.params().get("image_hw").get(1).asInt();
    byte[] bitmaps = golden.bytes("inputs", "bitmaps");
    int object = 0;
    for (JsonNode polygons : golden.params().get("polygons")) {
      List<double[]> rings = new ArrayList<>();
      polygons.forEach(ring -> rings.add(JSON.convertValue(ring, double[].class)));
      Mask mask = MaskRaster.mask(new Segmentation.Polygons(rings), width, height);
      assertThat(mask.values())
          .isEqualTo(
              Arrays.copyOfRange(bitmaps, object * width * height, (object + 1) * width * height));
      object++;
    }
  }

  @Test
  void runLengthsOfAnotherSizeAreCutOrFilledUp() {
    Segmentation.RunLength all = new Segmentation.RunLength(2, 2, new int[] {0, 4});
    assertThat(MaskRaster.mask(all, 3, 3).values()).containsExactly(1, 1, 0, 1, 1, 0, 0, 0, 0);
    assertThat(MaskRaster.mask(all, 1, 1).values()).containsExactly(1);
    assertThat(MaskRaster.mask(new Segmentation.None(), 2, 1).values()).containsOnly(0);
  }

  @Test
  void refusesPointsThatWouldNeverEnd() {
    for (double bad : new double[] {Double.NaN, 1e9, Double.NEGATIVE_INFINITY}) {
      Segmentation polygon = new Segmentation.Polygons(List.of(new double[] {1, 1, bad, 5, 7, 7}));
      assertThat(MaskRaster.canDraw(polygon)).isFalse();
      assertThatThrownBy(() -> MaskRaster.mask(polygon, 9, 9))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aGridPicksThePixelsThatDoingEveryStepToTheMaskWould() {
    Segmentation polygon =
        new Segmentation.Polygons(List.of(new double[] {2, 3, 25, 6, 20, 30, 4, 22}));
    Mask whole = MaskRaster.mask(polygon, 31, 37);
    Grid grid = Grid.whole(31, 37);
    Mask stepwise = whole;
    assertThat(grid.show(whole).values()).isEqualTo(whole.values());

    grid = grid.resized(50, 22);
    stepwise = pick(stepwise, 50, 22, (x, y) -> new int[] {x * 31 / 50, y * 37 / 22});
    assertThat(grid.show(whole).values()).isEqualTo(stepwise.values());

    grid = grid.window(-4, 5, 60, 30);
    stepwise = pick(stepwise, 60, 30, (x, y) -> new int[] {x - 4, y + 5});
    assertThat(grid.show(whole).values()).isEqualTo(stepwise.values());

    grid = grid.mirrored();
    stepwise = pick(stepwise, 60, 30, (x, y) -> new int[] {59 - x, y});
    assertThat(grid.show(whole).values()).isEqualTo(stepwise.values());
    assertThat(stepwise.area()).isPositive();
  }

  private interface Source {
    int[] of(int x, int y);
  }

  private static Mask pick(Mask in, int width, int height, Source source) {
    byte[] out = new byte[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int[] from = source.of(x, y);
        boolean inside =
            from[0] >= 0 && from[1] >= 0 && from[0] < in.width() && from[1] < in.height();
        out[y * width + x] = (byte) (inside && in.contains(from[0], from[1]) ? 1 : 0);
      }
    }
    return new Mask(width, height, out);
  }
}
