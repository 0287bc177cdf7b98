package io.elapid.data.target;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;

/**
 * The objects in a decoded picture.
 *
 * @param list in the order of the data set's file
 * @param grid where the present pixels come from, for the masks
 */
public record Instances(List<Instance> list, Grid grid) implements GroundTruth {

  /** What a detector learns of an object. */
  public enum Parts {
    BOXES,
    BOXES_AND_MASKS
  }

  public Instances {
    list = List.copyOf(list);
  }

  /**
   * What published detectors train on: the usable annotations of a picture (COCO's filter), crowds
   * marked as ignored. Boxes are cut nowhere yet, but those that end nowhere near the picture: no
   * recipe has to resize, which cuts all of them, and their sides may be no numbers in 32 bits.
   *
   * @param width of the upright picture in pixels
   * @param height likewise
   */
  public static Instances of(ObjectTarget target, int width, int height, Parts parts) {
    List<Instance> usable = new ArrayList<>();
    for (ObjectAnnotation annotation : target.annotations()) {
      if (annotation.isUsable(width, height)) {
        usable.add(
            new Instance(annotation, near(annotation, width, height), role(annotation, parts)));
      }
    }
    return new Instances(usable, Grid.whole(width, height));
  }

  private static Box near(ObjectAnnotation annotation, int width, int height) {
    Box box = annotation.box();
    return DoubleStream.of(box.left(), box.top(), box.right(), box.bottom())
            .allMatch(PolygonEdges::isNear)
        ? box
        : box.clipped(width, height);
  }

  private static Instance.Role role(ObjectAnnotation annotation, Parts parts) {
    boolean crowd = annotation.crowd() == ObjectAnnotation.Extent.CROWD;
    boolean maskless =
        parts == Parts.BOXES_AND_MASKS && annotation.segmentation() instanceof Segmentation.None;
    return crowd || maskless ? Instance.Role.IGNORED : Instance.Role.WANTED;
  }

  @Override
  public TargetKind kind() {
    return TargetKind.DETECTION;
  }

  /** The same objects elsewhere. */
  public Instances moved(UnaryOperator<Box> move, Grid moved) {
    return new Instances(list.stream().map(i -> i.withBox(move.apply(i.box()))).toList(), moved);
  }

  /** Without the objects that do not meet a condition. */
  public Instances kept(Predicate<Instance> condition) {
    return new Instances(list.stream().filter(condition).toList(), grid);
  }

  /**
   * The mask of one object in the present pixels; drawn anew by every call, since it may be as
   * large as the picture.
   */
  public Mask mask(int index) {
    Segmentation segmentation = list.get(index).annotation().segmentation();
    return grid.show(MaskRaster.mask(segmentation, grid.sourceWidth(), grid.sourceHeight()));
  }
}
