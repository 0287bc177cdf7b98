package io.elapid.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.Segmentation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** From one element of an annotation file's "annotations" to what it says. */
final class CocoAnnotations {
  private static final int MIN_RING = 6;
  private static final int NO_CATEGORY = Integer.MIN_VALUE;

  private final ListingUnit unit;
  private final Map<Integer, Integer> labels;
  private final Marked marked;

  /** What to do with annotations that are marked "ignore". */
  enum Marked {
    /**
     * Take them for crowds: published training learns from neither, but from pictures that have
     * nothing else.
     */
    CROWDS,
    /** As the official evaluation does, which knows only crowds. */
    KEPT
  }

  CocoAnnotations(ListingUnit unit, Map<Integer, Integer> labels, Marked marked) {
    this.unit = unit;
    this.labels = labels;
    this.marked = marked;
  }

  /** Adds the annotation, what is wrong with it, or both. */
  void add(CocoJson.Element element, Queue<Listed> out) {
    JsonNode imageId = element.node().path("image_id");
    if (!CocoNumbers.isWhole(imageId)) {
      throw new InputException(
          "%s: annotations[%d] has no whole number as image_id"
              .formatted(unit.path(), element.index()),
          "repair the annotation file or download it again");
    }
    String id = CocoListing.sampleId(unit, imageId.asLong());
    List<String> problems = new ArrayList<>();
    ObjectAnnotation annotation = annotation(element, problems);
    if (annotation != null) {
      out.add(new ListedAnnotation(unit.split(), id, element.index(), unit.path(), annotation));
    }
    if (!problems.isEmpty()) {
      String reason =
          "annotation "
              + element.node().path("id").asText("without id")
              + ": "
              + String.join("; ", problems);
      out.add(new ListedProblem(unit.split(), id, element.index(), unit.path(), reason));
    }
  }

  /** Null if there is no usable box, with the reason among the problems. */
  private ObjectAnnotation annotation(CocoJson.Element element, List<String> problems) {
    JsonNode node = element.node();
    double[] box = numbers(node.path("bbox"));
    if (box == null || box.length != 4) {
      problems.add("left out, its bbox is not four numbers");
      return null;
    }
    boolean ignored = marked == Marked.CROWDS && node.path("ignore").asInt() != 0;
    if (ignored) {
      problems.add("not learnt, it is marked to be ignored");
    }
    int category = category(node.path("category_id"));
    Integer label = labels.get(category);
    if (label == null) {
      problems.add("category " + node.path("category_id").asText("?") + " is not listed");
      label = ObjectAnnotation.UNKNOWN_CATEGORY;
    }
    boolean crowd = ignored || node.path("iscrowd").asInt() != 0;
    return new ObjectAnnotation(
        // not 0, which the official evaluation takes for no match
        node.path("id").asLong(element.index() + 1),
        category,
        label,
        box[0],
        box[1],
        box[2],
        box[3],
        area(node.path("area"), box[2] * box[3], problems),
        crowd ? ObjectAnnotation.Extent.CROWD : ObjectAnnotation.Extent.OBJECT,
        segmentation(node.path("segmentation"), problems));
  }

  /** Cutting a number down to an int could make another category of it. */
  private static int category(JsonNode id) {
    boolean whole = id.isTextual() || (CocoNumbers.isWhole(id) && id.canConvertToInt());
    return whole ? id.asInt(NO_CATEGORY) : NO_CATEGORY;
  }

  private static double area(JsonNode node, double ofBox, List<String> problems) {
    double area = node.asDouble(ofBox);
    if (Double.isFinite(area)) {
      return area;
    }
    problems.add("its area is not finite, that of its box is taken");
    return ofBox;
  }

  private static Segmentation segmentation(JsonNode node, List<String> problems) {
    if (node.isArray()) {
      return polygons(node, problems);
    }
    if (node.isObject()) {
      try {
        return CocoMasks.runLength(node);
      } catch (IllegalArgumentException e) {
        problems.add("mask left out, " + e.getMessage());
      }
    }
    return new Segmentation.None();
  }

  /** The rings of a list; what is wrong with others is added to the problems. */
  static Segmentation polygons(JsonNode node, List<String> problems) {
    List<double[]> rings = new ArrayList<>();
    for (JsonNode polygon : node) {
      double[] ring = numbers(polygon);
      if (ring == null) {
        problems.add("polygon left out, it is not a list of numbers");
      } else if (ring.length < MIN_RING || ring.length % 2 != 0) {
        problems.add("polygon left out, it has " + ring.length + " numbers");
      } else if (!MaskRaster.canDraw(new Segmentation.Polygons(List.of(ring)))) {
        problems.add("polygon left out, it has a point that is nowhere near a picture");
      } else {
        rings.add(ring);
      }
    }
    return rings.isEmpty() ? new Segmentation.None() : new Segmentation.Polygons(rings);
  }

  /** Null if it is anything but a list of finite numbers. */
  private static double[] numbers(JsonNode node) {
    if (!node.isArray()) {
      return null;
    }
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).asDouble();
      if (!node.get(i).isNumber() || !Double.isFinite(values[i])) {
        return null;
      }
    }
    return values;
  }
}
