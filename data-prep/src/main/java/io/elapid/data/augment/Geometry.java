package io.elapid.data.augment;

import io.elapid.data.image.Size;

/**
 * How a picture's present pixels relate to the picture as it was stored, and what it will be padded
 * to.
 *
 * @param original the upright picture before any transform
 * @param scaleX present width / original width, as far as it was resized
 * @param scaleY likewise for the height
 * @param padded the size that nothing but zeros to the right and below bring it to, once its values
 *     have been normalised; at least the present size
 */
public record Geometry(Size original, double scaleX, double scaleY, Size padded) {
  static Geometry of(Size original) {
    return new Geometry(original, 1, 1, original);
  }

  Geometry resized(Size from, Size to) {
    return new Geometry(
        original, scaleX * to.width() / from.width(), scaleY * to.height() / from.height(), to);
  }

  /** Another extent at the same scale. */
  Geometry framed(Size size) {
    return new Geometry(original, scaleX, scaleY, size);
  }
}
