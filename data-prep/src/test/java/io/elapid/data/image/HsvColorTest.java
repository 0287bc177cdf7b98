package io.elapid.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.Golden;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden pictures are in OpenCV's order: blue, green, red. */
class HsvColorTest {
  static List<Golden.Case> bytes() {
    return Golden.cases("image", "bgr2hsv");
  }

  static List<Golden.Case> floats() {
    return Golden.cases("image", "bgr2hsv_float");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("bytes")
  void bytesEqualOpenCvs(Golden.Case golden) {
    byte[] pixels = golden.image("inputs", "x").rgb();
    reverse(pixels);
    HsvColor.toHsv(pixels);
    byte[] expected = golden.image("outputs", "y").rgb();
    assertClose(pixels, expected, golden.tolerance());
    byte[] back = expected.clone();
    HsvColor.toRgb(back);
    reverse(back);
    assertClose(back, golden.image("outputs", "back").rgb(), golden.tolerance());
  }

  private static void assertClose(byte[] actual, byte[] expected, double tolerance) {
    int exact = 0;
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) (actual[i] & 0xFF)).isCloseTo(expected[i] & 0xFF, within(tolerance));
      exact += actual[i] == expected[i] ? 1 : 0;
    }
    assertThat(exact).isGreaterThan(actual.length * 99 / 100);
  }

  private static void reverse(byte[] pixels) {
    for (int i = 0; i < pixels.length; i += 3) {
      byte first = pixels[i];
      pixels[i] = pixels[i + 2];
      pixels[i + 2] = first;
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("floats")
  void floatsEqualOpenCvs(Golden.Case golden) {
    float[] pixels = FloatImage.of(golden.image("inputs", "x")).rgb();
    reverse(pixels);
    HsvColor.toHsv(pixels);
    float[] expected = golden.floats("outputs", "y");
    assertClose(pixels, expected, golden.tolerance());
    HsvColor.toRgb(pixels);
    reverse(pixels);
    assertClose(pixels, golden.floats("outputs", "back"), golden.tolerance());
  }

  private static void assertClose(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      double scale = Math.max(1, Math.abs(expected[i]));
      assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance * scale));
    }
  }

  private static void reverse(float[] pixels) {
    for (int i = 0; i < pixels.length; i += 3) {
      float first = pixels[i];
      pixels[i] = pixels[i + 2];
      pixels[i + 2] = first;
    }
  }
}
