package io.elapid.data.image;

/**
 * A number for every pixel.
 *
 * @param values unsigned bytes in height x width order, not copied: whoever holds a map treats it
 *     as constant
 */
public record LabelMap(int width, int height, byte[] values) {
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

  /** How often each value 0..255 occurs. */
  public long[] histogram() {
    long[] counts = new long[256];
    for (byte value : values) {
      counts[value & 0xFF]++;
    }
    return counts;
  }
}
