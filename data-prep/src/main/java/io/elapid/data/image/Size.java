package io.elapid.data.image;

/** Columns and rows of a picture. */
public record Size(int width, int height) {
  public Size {
    if (width <= 0 || height <= 0) {
      throw new IllegalArgumentException("no size: " + width + " x " + height);
    }
  }

  public static Size of(Pixels pixels) {
    return new Size(pixels.width(), pixels.height());
  }

  /** Whether a picture of the other size fits in. */
  public boolean holds(Size other) {
    return other.width <= width && other.height <= height;
  }

  /** The smallest size that holds both. */
  public Size union(Size other) {
    return holds(other)
        ? this
        : new Size(Math.max(width, other.width), Math.max(height, other.height));
  }

  /** Both sides rounded up to multiples of {@code divisor}. */
  public Size roundedUp(int divisor) {
    return new Size(roundUp(width, divisor), roundUp(height, divisor));
  }

  private static int roundUp(int side, int divisor) {
    return Math.multiplyExact((side + divisor - 1) / divisor, divisor);
  }

  public long area() {
    return (long) width * height;
  }

  @Override
  public String toString() {
    return width + " x " + height;
  }
}
