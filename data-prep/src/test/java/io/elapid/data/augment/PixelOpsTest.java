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
}
