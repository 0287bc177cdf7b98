package io.elapid.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.Golden;
import io.elapid.data.SplitMix;
import io.elapid.data.augment.RandAugment.Operation;
import io.elapid.data.augment.RandAugment.Tables;
import io.elapid.data.image.Image;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RandAugmentTest {
  static List<JsonNode> recipes() {
    return Golden.family("recipe");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("recipes")
  void argumentsAreTimms(JsonNode golden) {
    JsonNode args = golden.get("randaugment_args");
    RandAugment inc = augment(Tables.INCREASING);
    RandAugment original = augment(Tables.ORIGINAL);
    for (int i = 0; i < args.get("levels").size(); i++) {
      double level = args.get("levels").get(i).asDouble();
      for (int sign : new int[] {1, -1}) {
        check(args, "rotate_deg(+-)", i, sign * inc.argument(Operation.ROTATE, level, sign));
        check(args, "shear(+-)", i, sign * inc.argument(Operation.SHEAR_Y, level, sign));
        check(
            args, "translate_rel(+-)", i, sign * inc.argument(Operation.TRANSLATE_X, level, sign));
        check(args, "solarize_add", i, inc.argument(Operation.SOLARIZE_ADD, level, sign));
        check(args, "posterize_inc_bits", i, inc.argument(Operation.POSTERIZE, level, sign));
        check(args, "solarize_inc_thresh", i, inc.argument(Operation.SOLARIZE, level, sign));
        check(
            args, "posterize_bits_non_inc", i, original.argument(Operation.POSTERIZE, level, sign));
        check(
            args, "solarize_thresh_non_inc", i, original.argument(Operation.SOLARIZE, level, sign));
        check(args, "enhance_non_inc", i, original.argument(Operation.COLOR, level, sign));
      }
      check(args, "enhance_inc_plus", i, inc.argument(Operation.SHARPNESS, level, 1));
      check(args, "enhance_inc_minus", i, inc.argument(Operation.BRIGHTNESS, level, -1));
    }
  }

  private static void check(JsonNode args, String name, int index, double value) {
    assertThat(value).as(name).isCloseTo(args.get(name).get(index).asDouble(), within(1e-9));
  }

  @Test
  void isAFunctionOfPictureAndSeedThatReachesEveryOperation() {
    Image image = picture();
    RandAugment augment = augment(Tables.INCREASING);
    Set<List<Integer>> results = new HashSet<>();
    int unchanged = 0;
    for (int seed = 0; seed < 400; seed++) {
      Image once = augment.apply(image, seed);
      assertThat(augment.apply(image, seed).rgb()).isEqualTo(once.rgb());
      results.add(List.of(Arrays.hashCode(once.rgb())));
      unchanged += Arrays.equals(once.rgb(), image.rgb()) ? 1 : 0;
    }
    // Neither of two operations with probability 1/4, or one that finds nothing to change.
    assertThat(unchanged).isBetween(80, 150);
    assertThat(results).hasSizeGreaterThan(200);
  }

  @Test
  void theFourOperationsOfTheLargerSetHaveArgumentsOfTheirOwn() {
    RandAugment augment = augment(Tables.ORIGINAL);
    assertThat(augment.argument(Operation.DISTORT, 9.4, -1)).isEqualTo(19);
    assertThat(augment.argument(Operation.DISTORT, 10.2, 1)).isEqualTo(20);
    assertThat(augment.argument(Operation.ZOOM, 9, -1)).isCloseTo(0.36, within(1e-12));
    assertThat(augment.argument(Operation.BLUR, 9, -1)).isCloseTo(-0.45, within(1e-12));
    assertThat(augment.argument(Operation.SKEW, 9, 1)).isCloseTo(0.27, within(1e-12));
    RandAugment larger =
        new RandAugment(
            1, 9, 0.5, Tables.ORIGINAL, RandAugment.OperationSet.EXTENDED, Interpolation.BICUBIC);
    Image image = picture();
    int black = 0;
    for (int seed = 0; seed < 600; seed++) {
      byte[] small = larger.apply(image, seed).rgb();
      // Only zooming out leaves all of the border black.
      black += small[0] == 0 && small[small.length - 1] == 0 && small[30] == 0 ? 1 : 0;
    }
    assertThat(black).isBetween(5, 60);
  }

  @Test
  void refusesLevelsOutOfRange() {
    assertThatThrownBy(
            () ->
                new RandAugment(
                    2,
                    11,
                    0.5,
                    Tables.INCREASING,
                    RandAugment.OperationSet.TIMM,
                    Interpolation.BICUBIC))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new RandAugment(
                    0,
                    9,
                    0.5,
                    Tables.INCREASING,
                    RandAugment.OperationSet.TIMM,
                    Interpolation.BICUBIC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void jitterStaysWithinItsStrength() {
    Image gray = new Image(2, 2, filled(12, 100));
    for (int seed = 0; seed < 200; seed++) {
      int value = new ColorJitter(0.4, 0, 0).apply(gray, seed).value(0, 0, 0);
      assertThat(value).isBetween(60, 140);
      // A gray picture has neither colour nor contrast to change.
      assertThat(new ColorJitter(0, 0.4, 0.4).apply(gray, seed).rgb()).isEqualTo(gray.rgb());
    }
  }

  @Test
  void drawsHaveTheRightShape() {
    SplitMix random = new SplitMix(1);
    double mean = 0;
    double variance = 0;
    double betaMean = 0;
    double betaVariance = 0;
    int n = 40_000;
    for (int i = 0; i < n; i++) {
      double x = Draws.normal(random);
      mean += x / n;
      variance += x * x / n;
      double b = Draws.beta(0.8, random) - 0.5;
      betaMean += b / n;
      betaVariance += b * b / n;
    }
    assertThat(mean).isCloseTo(0, within(0.02));
    assertThat(variance).isCloseTo(1, within(0.03));
    assertThat(betaMean).isCloseTo(0, within(0.01));
    // Of Beta(a, a): 1 / (4 (2 a + 1)).
    assertThat(betaVariance).isCloseTo(1 / (4 * 2.6), within(0.003));
  }

  @Test
  void aBetaOfTinyParametersIsNothingOrAll() {
    SplitMix random = new SplitMix(1);
    int between = 0;
    int all = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      double share = Draws.beta(0.001, random);
      between += share > 0.01 && share < 0.99 ? 1 : 0;
      all += share >= 0.99 ? 1 : 0;
    }
    // 0.46 % of Beta(0.001, 0.001) lie in between
    assertThat(between).isBetween(50, 140);
    assertThat(all).isBetween(9_700, 10_200);
  }

  private static RandAugment augment(Tables tables) {
    return new RandAugment(2, 9, 0.5, tables, RandAugment.OperationSet.TIMM, Interpolation.BICUBIC);
  }

  private static Image picture() {
    SplitMix random = new SplitMix(3);
    byte[] rgb = new byte[20 * 15 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (40 + random.nextInt(150));
    }
    return new Image(20, 15, rgb);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
