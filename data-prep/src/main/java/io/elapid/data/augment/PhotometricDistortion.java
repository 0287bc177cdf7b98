package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.FloatImage;
import io.elapid.data.image.HsvColor;
import io.elapid.data.image.Image;
import io.elapid.data.target.TargetKind;
import java.util.Set;

/**
 * Photometric distortion as detectors do it (Liu et al. 2016): brightness, contrast, saturation,
 * hue and the order of channels, each changed with probability 1/2, contrast before or after the
 * two of colour. In floating point without rounding or cutting, so the result is floats.
 *
 * @param ranges hue in degrees
 */
public record PhotometricDistortion(ColorRanges ranges) implements Transform {
  private static final int[][] ORDERS = {
    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}
  };

  @Override
  public Annotated apply(Annotated picture, long seed) {
    SplitMix random = new SplitMix(seed);
    FloatImage image = FloatImage.of(picture.image());
    float[] values = image.rgb();
    if (random.nextBoolean()) {
      add(values, (float) random.uniform(-ranges.brightness(), ranges.brightness()));
    }
    boolean contrastFirst = random.nextBoolean();
    if (contrastFirst) {
      contrast(values, random);
    }
    color(values, random);
    if (!contrastFirst) {
      contrast(values, random);
    }
    if (random.nextBoolean()) {
      reorder(values, ORDERS[random.nextInt(ORDERS.length)]);
    }
    return picture.recolored(image);
  }

  private void contrast(float[] values, SplitMix random) {
    if (random.nextBoolean()) {
      float factor = (float) random.uniform(ranges.minContrast(), ranges.maxContrast());
      for (int i = 0; i < values.length; i++) {
        values[i] *= factor;
      }
    }
  }

  private void color(float[] values, SplitMix random) {
    boolean saturates = random.nextBoolean();
    float factor = (float) random.uniform(ranges.minSaturation(), ranges.maxSaturation());
    boolean turns = random.nextBoolean();
    float angle = (float) random.uniform(-ranges.hue(), ranges.hue());
    if (!saturates && !turns) {
      return;
    }
    HsvColor.toHsv(values);
    for (int i = 0; i < values.length; i += Image.CHANNELS) {
      if (saturates) {
        values[i + 1] = Math.min(1, values[i + 1] * factor);
      }
      if (turns) {
        float hue = values[i] + angle;
        values[i] = hue > 360 ? hue - 360 : hue < 0 ? hue + 360 : hue;
      }
    }
    HsvColor.toRgb(values);
  }

  private static void add(float[] values, float delta) {
    for (int i = 0; i < values.length; i++) {
      values[i] += delta;
    }
  }

  private static void reorder(float[] values, int[] order) {
    float[] pixel = new float[Image.CHANNELS];
    for (int i = 0; i < values.length; i += Image.CHANNELS) {
      System.arraycopy(values, i, pixel, 0, Image.CHANNELS);
      for (int c = 0; c < Image.CHANNELS; c++) {
        values[i + c] = pixel[order[c]];
      }
    }
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION);
  }
}
