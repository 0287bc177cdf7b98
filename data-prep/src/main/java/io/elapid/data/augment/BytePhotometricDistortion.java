package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.HsvColor;
import io.elapid.data.image.Image;
import io.elapid.data.target.TargetKind;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Photometric distortion as segmenters do it: brightness, contrast, saturation and hue, each
 * changed with probability 1/2, contrast before or after the two of colour. Every step ends in
 * bytes: what lies outside 0..255 is cut, fractions are dropped.
 *
 * @param ranges hue in OpenCV's half degrees
 */
public record BytePhotometricDistortion(ColorRanges ranges) implements Transform {
  private static final int VALUES = 256;
  private static final int HUES = 180;

  @Override
  public Annotated apply(Annotated picture, long seed) {
    SplitMix random = new SplitMix(seed);
    Image in = picture.image();
    byte[] values = in.rgb().clone();
    if (random.nextBoolean()) {
      float delta = (float) random.uniform(-ranges.brightness(), ranges.brightness());
      change(values, 0, 1, v -> cut(v + delta));
    }
    boolean contrastFirst = random.nextBoolean();
    if (contrastFirst) {
      contrast(values, random);
    }
    saturation(values, random);
    hue(values, random);
    if (!contrastFirst) {
      contrast(values, random);
    }
    return picture.recolored(new Image(in.width(), in.height(), values));
  }

  private void contrast(byte[] values, SplitMix random) {
    if (random.nextBoolean()) {
      float factor = (float) random.uniform(ranges.minContrast(), ranges.maxContrast());
      change(values, 0, 1, v -> cut(v * factor));
    }
  }

  private void saturation(byte[] values, SplitMix random) {
    if (random.nextBoolean()) {
      float factor = (float) random.uniform(ranges.minSaturation(), ranges.maxSaturation());
      HsvColor.toHsv(values);
      change(values, 1, Image.CHANNELS, v -> cut(v * factor));
      HsvColor.toRgb(values);
    }
  }

  /** The upper end itself is not drawn: so the original does. */
  private void hue(byte[] values, SplitMix random) {
    if (random.nextBoolean() && ranges.hue() > 0) {
      int turn = random.nextInt(2 * ranges.hue()) - ranges.hue();
      HsvColor.toHsv(values);
      change(values, 0, Image.CHANNELS, v -> Math.floorMod(v + turn, HUES));
      HsvColor.toRgb(values);
    }
  }

  private static int cut(float value) {
    return (int) Math.max(0, Math.min(255, value));
  }

  /** Every {@code step}-th value from {@code first} on. */
  private static void change(byte[] values, int first, int step, IntUnaryOperator function) {
    byte[] table = new byte[VALUES];
    for (int v = 0; v < VALUES; v++) {
      table[v] = (byte) function.applyAsInt(v);
    }
    for (int i = first; i < values.length; i += step) {
      values[i] = table[values[i] & 0xFF];
    }
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.SEGMENTATION);
  }
}
