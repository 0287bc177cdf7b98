package io.elapid.data.target;

/**
 * A rectangle with continuous corners in pixels of the picture that it is in; its sides are the
 * plain differences. In 32 bits, as published detectors calculate.
 */
public record Box(float left, float top, float right, float bottom) {
  public float width() {
    return right - left;
  }

  public float height() {
    return bottom - top;
  }

  /** Both axes multiplied. */
  public Box scaled(float x, float y) {
    return new Box(left * x, top * y, right * x, bottom * y);
  }

  public Box moved(float x, float y) {
    return new Box(left + x, top + y, right + x, bottom + y);
  }

  /** Cut to the rectangle from (0, 0) to ({@code width}, {@code height}); may become empty. */
  public Box clipped(float width, float height) {
    return new Box(clip(left, width), clip(top, height), clip(right, width), clip(bottom, height));
  }

  private static float clip(float value, float high) {
    return Math.max(0, Math.min(high, value));
  }

  /** Left and right changed places in a picture of so many columns. */
  public Box mirrored(float pictureWidth) {
    return new Box(pictureWidth - right, top, pictureWidth - left, bottom);
  }

  /** Whether nothing is in it. */
  public boolean isEmpty() {
    return !(right > left && bottom > top);
  }
}
