package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import java.nio.FloatBuffer;

/**
 * Mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019) of a batch with itself in reverse order,
 * one or the other for a whole batch, as timm does in its batch mode.
 *
 * @param mixupAlpha of the Beta distribution of mixup's share; 0 without mixup
 * @param cutmixAlpha of the Beta distribution of CutMix's share; 0 without CutMix
 * @param probability of a batch being mixed at all
 * @param switchProbability of CutMix where both are possible
 */
public record BatchMix(
    double mixupAlpha, double cutmixAlpha, double probability, double switchProbability) {
  public BatchMix {
    if (!(mixupAlpha >= 0 && cutmixAlpha >= 0 && mixupAlpha + cutmixAlpha > 0)) {
      throw new IllegalArgumentException(
          "mixup or CutMix needs a positive alpha: " + mixupAlpha + ", " + cutmixAlpha);
    }
    if (!(probability >= 0 && probability <= 1)
        || !(switchProbability >= 0 && switchProbability <= 1)) {
      throw new IllegalArgumentException(
          "probabilities must be in 0..1: " + probability + ", " + switchProbability);
    }
  }

  /**
   * What is done to a batch.
   *
   * @param share of each picture that is its own, in area or in weight
   * @param box that comes from the partner; null for mixup
   */
  record Mix(double share, Box box) {
    static final Mix NONE = new Mix(1, null);
  }

  record Box(int top, int bottom, int left, int right) {}

  /**
   * Mixes pictures and targets.
   *
   * @param images (size, channels, side, side)
   * @param targets (size, classes)
   * @param seed fixes every random choice
   */
  public void apply(
      FloatBuffer images,
      FloatBuffer targets,
      int size,
      int channels,
      int side,
      int classes,
      long seed) {
    Mix mix = draw(side, new SplitMix(seed));
    if (mix.share == 1 && mix.box == null) {
      return;
    }
    int pixels = channels * side * side;
    for (int row = 0; row < (size + 1) / 2; row++) {
      int partner = size - 1 - row;
      if (mix.box == null) {
        blend(images, row * pixels, partner * pixels, pixels, (float) mix.share);
      } else {
        swap(images, row * pixels, partner * pixels, channels, side, side, mix.box);
      }
      blend(targets, row * classes, partner * classes, classes, (float) mix.share);
    }
  }

  Mix draw(int side, SplitMix random) {
    if (random.nextDouble() >= probability) {
      return Mix.NONE;
    }
    boolean both = mixupAlpha > 0 && cutmixAlpha > 0;
    boolean cut = both ? random.nextDouble() < switchProbability : cutmixAlpha > 0;
    double share = Draws.beta(cut ? cutmixAlpha : mixupAlpha, random);
    if (!cut) {
      return new Mix(share, null);
    }
    return cut(share, side, side, random.nextInt(side), random.nextInt(side));
  }

  /**
   * The box around a centre that leaves {@code share}, cut at the edges, and what it does leave.
   */
  static Mix cut(double share, int height, int width, int centerY, int centerX) {
    double ratio = Math.sqrt(1 - share);
    int halfHeight = (int) (height * ratio) / 2;
    int halfWidth = (int) (width * ratio) / 2;
    Box box =
        new Box(
            Math.max(0, centerY - halfHeight),
            Math.min(height, centerY + halfHeight),
            Math.max(0, centerX - halfWidth),
            Math.min(width, centerX + halfWidth));
    double area = (double) (box.bottom - box.top) * (box.right - box.left);
    return new Mix(1 - area / ((double) height * width), box);
  }

  static void blend(FloatBuffer values, int a, int b, int count, float share) {
    float rest = 1 - share;
    for (int i = 0; i < count; i++) {
      float one = values.get(a + i);
      float other = values.get(b + i);
      values.put(a + i, one * share + other * rest);
      values.put(b + i, other * share + one * rest);
    }
  }

  static void swap(FloatBuffer images, int a, int b, int channels, int height, int width, Box box) {
    for (int channel = 0; channel < channels; channel++) {
      for (int y = box.top; y < box.bottom; y++) {
        int row = (channel * height + y) * width;
        for (int i = row + box.left; i < row + box.right; i++) {
          float one = images.get(a + i);
          images.put(a + i, images.get(b + i));
          images.put(b + i, one);
        }
      }
    }
  }
}
