package io.elapid.data.image;

import java.util.Arrays;

/**
 * A number for every pixel. Maps of the same numbers are equal.
 *
 * @param values unsigned bytes in height x width order, not copied: whoever holds a map treats it
 *     as constant
 */
public record LabelMap(int width, int height, byte[] values) {
  /** The value of pixels that are not learnt from once 0 has been taken away. */
  public static final int IGNORED = 255;

  public LabelMap {
    if (width <= 0 || height <= 0 || values.length != Math.multiplyExact(width, height)) {
      throw new IllegalArgumentException(
          "a label map of " + width + " x " + height + " cannot have " + values.length + " values");
    }
  }

  /** The value 0..255 of one pixel. */
  public int value(int x, int y) {
    return values[y * width + x] & 0xFF;
  }

  /** A rectangle of it; the same object when it is the whole map. */
  public LabelMap crop(Region part) {
    if (part.equals(Region.all(width, height))) {
      return this;
    }
    byte[] out = new byte[Math.multiplyExact(part.width(), part.height())];
    for (int y = 0; y < part.height(); y++) {
      int from = (part.y() + y) * width + part.x();
      System.arraycopy(values, from, out, y * part.width(), part.width());
    }
    return new LabelMap(part.width(), part.height(), out);
  }

  /** How often each value 0..255 occurs. */
  public long[] histogram() {
    long[] counts = new long[256];
    for (byte value : values) {
      counts[value & 0xFF]++;
    }
    return counts;
  }

  /** Without the label 0: it becomes {@link #IGNORED}, and every other label one less. */
  public LabelMap withoutZero() {
    byte[] reduced = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      int value = values[i] & 0xFF;
      reduced[i] = (byte) (value == 0 || value == IGNORED ? IGNORED : value - 1);
    }
    return new LabelMap(width, height, reduced);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LabelMap map
        && map.width == width
        && map.height == height
        && Arrays.equals(map.values, values);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(values);
  }

  /** The opposite of {@link #withoutZero}: every label one more, {@link #IGNORED} becomes 0. */
  public LabelMap withZero() {
    byte[] raised = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      raised[i] = (byte) (values[i] + 1);
    }
    return new LabelMap(width, height, raised);
  }
}
