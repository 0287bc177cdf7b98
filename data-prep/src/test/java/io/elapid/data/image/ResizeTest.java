package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.Golden;
import io.elapid.data.SplitMix;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResizeTest {
  static List<Golden.Case> pillow() {
    return Golden.cases("image", "pil_resize");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("pillow")
  void equalsPillow(Golden.Case golden) {
    Resize.Filter filter =
        Resize.Filter.valueOf(golden.params().get("filter").asText().toUpperCase(Locale.ROOT));
    int height = golden.params().get("size_hw").get(0).asInt();
    int width = golden.params().get("size_hw").get(1).asInt();
    Image resized = Resize.resize(golden.image("inputs", "x"), width, height, filter);
    Image expected = golden.image("outputs", "y");
    assertThat(resized.width()).isEqualTo(expected.width());
    assertThat(resized.height()).isEqualTo(expected.height());
    assertThat(largestDifference(resized, expected)).isLessThanOrEqualTo((int) golden.tolerance());
  }

  @Test
  void registersGiveThePixelsOfPlainLoops() {
    SplitMix random = new SplitMix(5);
    for (int i = 0; i < 60; i++) {
      Image image = noise(1 + random.nextInt(90), 1 + random.nextInt(70), random);
      int width = 1 + random.nextInt(image.width());
      int height = 1 + random.nextInt(image.height());
      Region region =
          new Region(
              random.nextInt(image.width() - width + 1),
              random.nextInt(image.height() - height + 1),
              width,
              height);
      int outWidth = 1 + random.nextInt(100);
      int outHeight = 1 + random.nextInt(100);
      Resize.Filter filter = Resize.Filter.values()[i % 2];
      assertThat(VectorResize.resize(image, region, outWidth, outHeight, filter).rgb())
          .as(
              "%s of %d x %d to %d x %d",
              region, image.width(), image.height(), outWidth, outHeight)
          .isEqualTo(Resize.plain(image, region, outWidth, outHeight, filter).rgb());
    }
  }

  static List<Golden.Case> openCv() {
    return Golden.cases("image", "cv2_resize");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("openCv")
  void equalsOpenCv(Golden.Case golden) {
    int height = golden.params().get("size_hw").get(0).asInt();
    int width = golden.params().get("size_hw").get(1).asInt();
    Image image = golden.image("inputs", "x");
    boolean linear = golden.params().get("interpolation").asText().equals("linear");
    Image resized =
        linear
            ? OpenCvResize.linear(image, width, height)
            : OpenCvResize.nearest(image, width, height);
    Image expected = golden.image("outputs", "y");
    assertThat(resized.width()).isEqualTo(expected.width());
    assertThat(largestDifference(resized, expected)).isLessThanOrEqualTo((int) golden.tolerance());
  }

  static List<Golden.Case> labels() {
    return Golden.cases("image", "seg_label");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("labels")
  void labelsEqualTheOriginals(Golden.Case golden) {
    LabelMap map = golden.labels("inputs", "x");
    int height = golden.params().get("resized_hw").get(0).asInt();
    int width = golden.params().get("resized_hw").get(1).asInt();
    assertThat(OpenCvResize.nearest(map, width, height).values())
        .isEqualTo(golden.labels("outputs", "nearest").values());
    assertThat(map.withoutZero().values()).isEqualTo(golden.labels("outputs", "reduced").values());
  }

  @Test
  void pixelsOutsideARectangleDoNotBleedIn() {
    Image image = new Image(4, 2, new byte[24]);
    for (int i = 0; i < 24; i++) {
      boolean right = i / 3 % 4 >= 2;
      image.rgb()[i] = (byte) (right ? 200 : 10);
    }
    Image left = Resize.resize(image, 0, 0, 2, 2, 7, 5, Resize.Filter.BICUBIC);
    assertThat(left.rgb()).containsOnly(10);
  }

  @Test
  void keepsAPictureThatAlreadyHasItsSize() {
    Image image = new Image(3, 2, new byte[18]);
    assertThat(Resize.resize(image, 3, 2, Resize.Filter.BILINEAR)).isSameAs(image);
  }

  @Test
  void refusesARectangleOutsideThePicture() {
    Image image = new Image(3, 2, new byte[18]);
    assertThatThrownBy(() -> Resize.resize(image, 1, 0, 3, 2, 5, 5, Resize.Filter.BILINEAR))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Image noise(int width, int height, SplitMix random) {
    byte[] rgb = new byte[width * height * Image.CHANNELS];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(2) - 1);
    }
    return new Image(width, height, rgb);
  }

  static int largestDifference(Image a, Image b) {
    int largest = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      largest = Math.max(largest, Math.abs((a.rgb()[i] & 0xFF) - (b.rgb()[i] & 0xFF)));
    }
    return largest;
  }
}
