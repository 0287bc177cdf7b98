package io.elapid.data.target;

/**
 * The pixels of an object.
 *
 * @param values 1 inside and 0 outside, in height x width order, not copied: whoever holds a mask
 *     treats it as constant
 */
public record Mask(int width, int height, byte[] values) {
  public Mask {
    if (width <= 0 || height <= 0 || values.length != Math.multiplyExact(width, height)) {
      throw new IllegalArgumentException(
          "a mask of " + width + " x " + height + " cannot have " + values.length + " values");
    }
  }

  public boolean contains(int x, int y) {
    return values[y * width + x] != 0;
  }

  /** Pixels inside. */
  public long area() {
    long area = 0;
    for (byte value : values) {
      area += value;
    }
    return area;
  }
}
