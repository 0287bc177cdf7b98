package io.elapid.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Golden;
import io.elapid.data.image.Image;
import io.elapid.data.image.Resize.Filter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against Pillow itself; src/test/golden/pixel_ops.py wrote what it gives. */
class PixelOpsTest {
  private static final List<String> GEOMETRIC =
      List.of("rotate", "shear_x", "shear_y", "translate_x", "translate_y");
  private static final List<String> OTHERS =
      List.of(
          "distort",
          "zoom",
          "blur",
          "auto_contrast",
          "equalize",
          "invert",
          "posterize",
          "solarize",
          "solarize_add",
          "color",
          "contrast",
          "brightness",
          "sharpness");

  static List<Golden.Case> cases() {
    List<Golden.Case> cases = new ArrayList<>();
    for (String name : OTHERS) {
      cases.addAll(Golden.cases("pixel_ops", name));
    }
    for (String name : GEOMETRIC) {
      cases.addAll(Golden.cases("pixel_ops", name + "_bilinear"));
      cases.addAll(Golden.cases("pixel_ops", name + "_bicubic"));
    }
    return cases;
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("cases")
  void equalsPillow(Golden.Case golden) {
    String op = golden.node().get("op").asText();
    Filter filter = op.endsWith("_bicubic") ? Filter.BICUBIC : Filter.BILINEAR;
    String name = op.replace("_bicubic", "").replace("_bilinear", "");
    Image image = golden.image("inputs", "x");
    byte[] before = image.rgb().clone();
    Image result =
        RandAugment.apply(
            RandAugment.Operation.valueOf(name.toUpperCase(java.util.Locale.ROOT)),
            image,
            golden.params().path("value").asDouble(),
            filter);
    assertThat(result.rgb()).isEqualTo(golden.image("outputs", "y").rgb());
    assertThat(image.rgb()).isEqualTo(before);
  }

  static List<Golden.Case> skews() {
    return Golden.cases("pixel_ops", "skew");
  }

  /**
   * The perspective is the solution of a linear system, whose last bits depend on who solves it:
   * that may cut a value elsewhere, and tell whether a pixel right on the edge is outside.
   */
  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("skews")
  void skewEqualsPillowButForLastBits(Golden.Case golden) {
    Image image = golden.image("inputs", "x");
    byte[] actual = BentWarp.skew(image, golden.params().path("value").asDouble()).rgb();
    byte[] expected = golden.image("outputs", "y").rgb();
    int edge = 0;
    for (int i = 0; i < actual.length; i++) {
      int difference = Math.abs((actual[i] & 0xFF) - (expected[i] & 0xFF));
      if (difference > 1) {
        assertThat(actual[i] == 0 || expected[i] == 0).isTrue();
        edge++;
      }
    }
    assertThat(edge).isLessThanOrEqualTo(Image.CHANNELS * image.width());
  }
}
