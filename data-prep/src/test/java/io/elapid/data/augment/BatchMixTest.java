package io.elapid.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.Golden;
import io.elapid.data.SplitMix;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BatchMixTest {
  private static final int CHANNELS = 3;

  static List<Golden.Case> mixup() {
    return Golden.cases("recipe", "mixup");
  }

  static List<Golden.Case> cutmix() {
    return Golden.cases("recipe", "cutmix");
  }

  static List<Golden.Case> targets() {
    return Golden.cases("recipe", "soft_target_ce");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("mixup")
  void mixupEqualsTimms(Golden.Case golden) {
    int[] shape = golden.shape("inputs", "images");
    FloatBuffer images = FloatBuffer.wrap(golden.floats("inputs", "images"));
    int pixels = shape[1] * shape[2] * shape[3];
    float share = (float) golden.params().get("lam").asDouble();
    for (int row = 0; row < shape[0] / 2; row++) {
      BatchMix.blend(images, row * pixels, (shape[0] - 1 - row) * pixels, pixels, share);
    }
    assertThat(images.array())
        .usingComparatorWithPrecision((float) golden.tolerance())
        .containsExactly(golden.floats("outputs", "y"));
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("cutmix")
  void cutmixEqualsTimms(Golden.Case golden) {
    int[] shape = golden.shape("inputs", "images");
    JsonNode params = golden.params();
    BatchMix.Mix mix =
        BatchMix.cut(
            params.get("lam_drawn").asDouble(),
            shape[2],
            shape[3],
            params.get("centre").get(0).asInt(),
            params.get("centre").get(1).asInt());
    JsonNode box = params.get("box_yl_yh_xl_xh");
    assertThat(mix.box())
        .isEqualTo(
            new BatchMix.Box(
                box.get(0).asInt(), box.get(1).asInt(), box.get(2).asInt(), box.get(3).asInt()));
    assertThat(mix.share()).isCloseTo(params.get("lam_corrected").asDouble(), within(1e-12));
    FloatBuffer images = FloatBuffer.wrap(golden.floats("inputs", "images"));
    int pixels = shape[1] * shape[2] * shape[3];
    for (int row = 0; row < shape[0] / 2; row++) {
      int partner = (shape[0] - 1 - row) * pixels;
      BatchMix.swap(images, row * pixels, partner, shape[1], shape[2], shape[3], mix.box());
    }
    assertThat(images.array()).containsExactly(golden.floats("outputs", "y"));
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("targets")
  void targetsEqualTimms(Golden.Case golden) {
    JsonNode params = golden.params();
    int classes = params.get("num_classes").asInt();
    int[] labels = golden.ints("inputs", "labels");
    double smoothing = params.get("smoothing").asDouble();
    FloatBuffer targets = FloatBuffer.allocate(labels.length * classes);
    for (int row = 0; row < labels.length; row++) {
      for (int c = 0; c < classes; c++) {
        double target = smoothing / classes + (c == labels[row] ? 1 - smoothing : 0);
        targets.put(row * classes + c, (float) target);
      }
    }
    float share = (float) params.get("lam").asDouble();
    for (int row = 0; row < (labels.length + 1) / 2; row++) {
      int partner = labels.length - 1 - row;
      BatchMix.blend(targets, row * classes, partner * classes, classes, share);
    }
    assertThat(targets.array())
        .usingComparatorWithPrecision((float) golden.tolerance())
        .containsExactly(golden.floats("outputs", "target"));
  }

  @Test
  void aWholeBatchIsMixedByOneDraw() {
    int size = 5;
    int side = 8;
    int pixels = CHANNELS * side * side;
    int cuts = 0;
    for (int seed = 0; seed < 60; seed++) {
      FloatBuffer images = FloatBuffer.allocate(size * pixels);
      FloatBuffer targets = FloatBuffer.allocate(size * size);
      for (int row = 0; row < size; row++) {
        Arrays.fill(images.array(), row * pixels, (row + 1) * pixels, row);
        targets.put(row * size + row, 1);
      }
      BatchMix mix = new BatchMix(0.8, 1, 1, 0.5);
      mix.apply(images, targets, size, CHANNELS, side, size, seed);
      BatchMix.Mix drawn = mix.draw(side, new SplitMix(seed));
      cuts += drawn.box() == null ? 0 : 1;
      for (int row = 0; row < size; row++) {
        int partner = size - 1 - row;
        double own = row == partner ? 1 : drawn.share();
        // The share of the target is the share of the picture, whichever way it was mixed.
        assertThat(targets.get(row * size + row)).isCloseTo((float) own, within(1e-6f));
        double mean = 0;
        for (int i = 0; i < pixels; i++) {
          mean += (double) images.get(row * pixels + i) / pixels;
        }
        assertThat(mean).isCloseTo(own * row + (1 - own) * partner, within(1e-5));
      }
    }
    assertThat(cuts).isBetween(15, 45);
  }

  @Test
  void erasesARectangleOfTheWantedSizeWithNoise() {
    int size = 40;
    int changed = 0;
    for (int seed = 0; seed < 400; seed++) {
      float[] planes = new float[CHANNELS * size * size + 7];
      Arrays.fill(planes, 99);
      RandomErasing.of(0.25).apply(FloatBuffer.wrap(planes), 7, CHANNELS, size, seed);
      RandomErasing.Box box = RandomErasing.of(0.25).draw(size, new SplitMix(seed));
      int erased = 0;
      for (int i = 0; i < planes.length; i++) {
        int pixel = (i - 7) % (size * size);
        boolean inside =
            i >= 7
                && box != null
                && pixel % size >= box.x()
                && pixel % size < box.x() + box.width()
                && pixel / size >= box.y()
                && pixel / size < box.y() + box.height();
        assertThat(planes[i] != 99).isEqualTo(inside);
        erased += inside ? 1 : 0;
      }
      if (box != null) {
        changed++;
        double share = (double) erased / CHANNELS / (size * size);
        assertThat(share).isBetween(0.015, 0.35);
      }
    }
    assertThat(changed).isBetween(70, 130);
  }
}
