package io.elapid.data.image;

/** A rectangle of pixels. */
public record Region(int x, int y, int width, int height) {
  public Region {
    if (x < 0 || y < 0 || width <= 0 || height <= 0) {
      throw new IllegalArgumentException(
          "no rectangle: %d x %d at %d, %d".formatted(width, height, x, y));
    }
  }

  static Region all(int width, int height) {
    return new Region(0, 0, width, height);
  }
}
