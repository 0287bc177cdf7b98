package io.elapid.observe;

import io.elapid.data.target.Box;
import io.elapid.data.target.Instance;
import io.elapid.data.target.Instances;
import io.elapid.data.target.Mask;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.Segmentation;
import io.elapid.predict.FoundObject;
import io.elapid.predict.PixelMask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An object to be drawn on a picture.
 *
 * @param label class index
 * @param note what stands behind the class's name, such as a score; may be empty
 * @param box in pixels of the picture
 * @param mask of the picture's size
 */
public record Mark(int label, String note, Box box, Optional<Mask> mask, Outline outline) {
  /** How the box is drawn. */
  public enum Outline {
    SOLID,
    /** What neither has to be found nor counts as a mistake. */
    DASHED
  }

  /** What a network found and is at least so sure of, the surest drawn last. */
  public static List<Mark> found(List<FoundObject> objects, double minScore) {
    return objects.stream()
        .filter(object -> object.score() >= minScore)
        .sorted(Comparator.comparingDouble(FoundObject::score))
        .map(Mark::of)
        .toList();
  }

  /** The box alone. */
  public Mark withoutMask() {
    return new Mark(label, note, box, Optional.empty(), outline);
  }

  private static Mark of(FoundObject object) {
    return new Mark(
        object.index(),
        String.format(Locale.ROOT, "%.2f", object.score()),
        object.box(),
        object.mask().map(PixelMask::bitmap),
        Outline.SOLID);
  }

  /** What is annotated in a whole picture of the given size. */
  public static List<Mark> annotated(ObjectTarget target, int width, int height) {
    List<Mark> marks = new ArrayList<>();
    for (ObjectAnnotation object : target.annotations()) {
      if (object.label() != ObjectAnnotation.UNKNOWN_CATEGORY) {
        Optional<Mask> mask =
            object.segmentation() instanceof Segmentation.None
                ? Optional.empty()
                : Optional.of(MaskRaster.mask(object.segmentation(), width, height));
        boolean crowd = object.crowd() == Extent.CROWD;
        marks.add(
            new Mark(
                object.label(),
                crowd ? "(crowd)" : "",
                object.box(),
                mask,
                crowd ? Outline.DASHED : Outline.SOLID));
      }
    }
    return marks;
  }

  /** What a detector learns of a picture, in its present pixels. */
  static List<Mark> learnt(Instances instances) {
    List<Mark> marks = new ArrayList<>();
    for (int i = 0; i < instances.list().size(); i++) {
      Instance instance = instances.list().get(i);
      boolean wanted = instance.role() == Instance.Role.WANTED;
      marks.add(
          new Mark(
              instance.label(),
              wanted ? "" : "(ignored)",
              instance.box(),
              Optional.of(instances.mask(i)),
              wanted ? Outline.SOLID : Outline.DASHED));
    }
    return marks;
  }
}
