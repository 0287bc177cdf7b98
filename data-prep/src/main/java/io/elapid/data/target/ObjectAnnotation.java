package io.elapid.data.target;

import java.io.Serializable;

/**
 * One object in a picture, as COCO describes it.
 *
 * @param id the data set's own number of the annotation
 * @param categoryId the data set's own number of the class, which submissions must carry
 * @param label class index, the rank of {@code categoryId} among the sorted ids; {@link
 *     #UNKNOWN_CATEGORY} where the data set does not list it
 * @param x left edge in pixels
 * @param y upper edge in pixels
 * @param width of the box in pixels
 * @param height of the box in pixels
 * @param area of the mask in square pixels, as published
 * @param crowd what the box is around
 */
public record ObjectAnnotation(
    long id,
    int categoryId,
    int label,
    double x,
    double y,
    double width,
    double height,
    double area,
    Extent crowd,
    Segmentation segmentation)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The {@link #label} of a category that is not in the data set's list. */
  public static final int UNKNOWN_CATEGORY = -1;

  /** What one annotation stands for. */
  public enum Extent {
    OBJECT,
    /** A group too dense to be told apart ("iscrowd"): neither a target nor a false detection. */
    CROWD
  }

  /** The box by its corners, in 32 bits. */
  public Box box() {
    return new Box((float) x, (float) y, (float) (x + width), (float) (y + height));
  }

  /**
   * Whether a detector can learn from the box in a picture of the given size: it overlaps the
   * picture, has at least one pixel each way and an area, and its class is known.
   */
  public boolean isUsable(int pictureWidth, int pictureHeight) {
    double overlapX = Math.min(x + width, pictureWidth) - Math.max(x, 0);
    double overlapY = Math.min(y + height, pictureHeight) - Math.max(y, 0);
    return label != UNKNOWN_CATEGORY
        && overlapX > 0
        && overlapY > 0
        && area > 0
        && width >= 1
        && height >= 1;
  }
}
