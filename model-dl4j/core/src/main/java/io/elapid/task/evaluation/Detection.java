package io.elapid.task.evaluation;

import io.elapid.data.target.Box;
import io.elapid.data.target.RunLengths;
import io.elapid.data.target.Segmentation;
import java.util.Optional;

/**
 * An object that a network found.
 *
 * @param label class index
 * @param score how sure it is; any finite number
 * @param x left edge in pixels of the original picture
 * @param y upper edge
 * @param width of the box
 * @param height of the box
 * @param area in square pixels, which decides whether it counts as small, medium or large
 * @param mask its pixels, of the picture's size; empty if only boxes are found
 */
public record Detection(
    int label,
    double score,
    double x,
    double y,
    double width,
    double height,
    double area,
    Optional<Segmentation.RunLength> mask) {
  public Detection {
    // Of two zeros none is the larger.
    score += 0.0;
    if (label < 0 || !Double.isFinite(score)) {
      throw new IllegalArgumentException(
          "a detection of class %d, score %s".formatted(label, score));
    }
    if (!Double.isFinite(x + y + width + height + area)) {
      throw new IllegalArgumentException(
          "a detection at (%s, %s) of %s x %s".formatted(x, y, width, height));
    }
  }

  /** A box by itself; its area is that of the box. */
  public static Detection of(int label, double score, Box box) {
    double width = (double) box.right() - box.left();
    double height = (double) box.bottom() - box.top();
    return new Detection(
        label, score, box.left(), box.top(), width, height, width * height, Optional.empty());
  }

  /** A box and a mask that were found together; the area is that of the mask. */
  public static Detection of(int label, double score, Box box, Segmentation.RunLength mask) {
    Detection plain = of(label, score, box);
    return new Detection(
        label, score, plain.x, plain.y, plain.width, plain.height, mask.area(), Optional.of(mask));
  }

  /** A mask by itself, the smallest box around it taken for its box. */
  public static Detection of(int label, double score, Segmentation.RunLength mask) {
    return of(label, score, RunLengths.bounds(mask), mask);
  }

  /** The box by itself; the area is that of the box. */
  public Detection withoutMask() {
    return new Detection(label, score, x, y, width, height, width * height, Optional.empty());
  }

  /** The box by its corners, in 32 bits. */
  public Box box() {
    return new Box((float) x, (float) y, (float) (x + width), (float) (y + height));
  }
}
