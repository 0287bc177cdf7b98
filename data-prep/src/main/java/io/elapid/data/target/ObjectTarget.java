package io.elapid.data.target;

import io.elapid.data.image.Orientation;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The objects in a picture.
 *
 * @param imageId the data set's own number of the picture
 * @param orientation how the stored pixels have to be turned to agree with the boxes
 * @param annotations in the order of the data set's file
 */
public record ObjectTarget(
    long imageId, Orientation orientation, List<ObjectAnnotation> annotations) implements Target {
  /** Pictures with a side below this many pixels are not trained on. */
  private static final int MIN_SIDE = 32;

  public ObjectTarget {
    annotations = List.copyOf(annotations);
  }

  @Override
  public TargetKind kind() {
    return TargetKind.DETECTION;
  }

  /**
   * Whether published detectors train on the picture: it is not tiny and has any annotation of a
   * known class, be it a crowd or a box that is itself left out. All pictures are evaluated.
   */
  public boolean isTrainedOn(int width, int height) {
    return isTrainedOn(width, height, annotations.stream().mapToInt(ObjectAnnotation::label));
  }

  /** The same, of a picture that has annotations with these labels. */
  public static boolean isTrainedOn(int width, int height, IntStream labels) {
    return Math.min(width, height) >= MIN_SIDE
        && labels.anyMatch(label -> label != ObjectAnnotation.UNKNOWN_CATEGORY);
  }
}
