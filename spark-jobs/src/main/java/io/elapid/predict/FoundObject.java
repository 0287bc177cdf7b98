package io.elapid.predict;

import io.elapid.data.source.ClassLabel;
import io.elapid.data.target.Box;
import io.elapid.task.evaluation.Detection;
import java.util.List;
import java.util.Optional;

/**
 * An object in a picture. Edges are in pixels from the upper left corner of the picture once it is
 * upright, x to the right and y down; the middle of the first pixel is at 0.5.
 *
 * @param index class index
 * @param name class name, or the index in words where the weights carry no names
 * @param score how sure the network is, 0 to 1
 * @param x1 left edge of its box
 * @param y1 upper edge
 * @param x2 right edge
 * @param y2 lower edge
 * @param mask its pixels; empty if the network finds boxes only
 */
public record FoundObject(
    int index,
    String name,
    double score,
    double x1,
    double y1,
    double x2,
    double y2,
    Optional<PixelMask> mask) {

  /**
   * Of what a network has found.
   *
   * @param labels classes by index, maybe without names
   */
  public static FoundObject of(Detection object, List<ClassLabel> labels) {
    Box box = object.box();
    return new FoundObject(
        object.label(),
        Prediction.className(labels, object.label()),
        object.score(),
        box.left(),
        box.top(),
        box.right(),
        box.bottom(),
        object.mask().map(PixelMask::of));
  }

  public double width() {
    return x2 - x1;
  }

  public double height() {
    return y2 - y1;
  }

  /** The box by itself. */
  public Box box() {
    return new Box((float) x1, (float) y1, (float) x2, (float) y2);
  }
}
