package io.elapid.task.evaluation;

import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.RunLengths;
import io.elapid.data.target.Segmentation.RunLength;
import java.util.Comparator;
import java.util.List;

/**
 * Assigns the detections of one class in one picture to its objects, greedily from the highest
 * score, for every overlap and every range of areas.
 *
 * <p>A detection takes the object that it overlaps most of those still free (a crowd is always
 * free), the later one of equals; objects that do not count are taken only where no other fits. A
 * detection that took such an object does not count itself, nor one that took nothing and is of
 * another size than asked for.
 */
final class ImageMatcher {
  /** The best overlap there is counts as reaching every threshold. */
  private static final double NEARLY_ONE = 1 - 1e-10;

  private static final int NONE = -1;

  private final List<ObjectAnnotation> objects;
  private final List<Detection> detections;
  private final double[][] ious;

  private ImageMatcher(
      List<ObjectAnnotation> objects, List<Detection> detections, double[][] ious) {
    this.objects = objects;
    this.detections = detections;
    this.ious = ious;
  }

  /**
   * Matches one class.
   *
   * @param objects in the order of the annotation file
   * @param found in any order; of equal scores the earlier goes first
   */
  static ClassMatches match(
      IouType type,
      int label,
      Size picture,
      List<ObjectAnnotation> objects,
      List<Detection> found) {
    List<Detection> detections =
        found.stream()
            .sorted(Comparator.comparingDouble((Detection d) -> -d.score()))
            .limit(DetectionLimits.MOST)
            .toList();
    double[][] ious =
        detections.isEmpty() || objects.isEmpty()
            ? new double[detections.size()][objects.size()]
            : type == IouType.BBOX
                ? boxes(detections, objects)
                : masks(detections, objects, picture);
    return new ImageMatcher(objects, detections, ious).match(label);
  }

  private ClassMatches match(int label) {
    AreaRange[] ranges = AreaRange.values();
    int[] wanted = new int[AreaRange.COUNT];
    int[] flags = new int[AreaRange.COUNT * detections.size()];
    for (AreaRange range : ranges) {
      boolean[] ignored = new boolean[objects.size()];
      for (int g = 0; g < ignored.length; g++) {
        ObjectAnnotation object = objects.get(g);
        ignored[g] = object.crowd() == Extent.CROWD || !range.contains(object.area());
        wanted[range.index()] += ignored[g] ? 0 : 1;
      }
      int[] order = countedFirst(ignored);
      for (int t = 0; t < Thresholds.IOUS; t++) {
        match(range, t, order, ignored, flags);
      }
    }
    double[] scores = detections.stream().mapToDouble(Detection::score).toArray();
    return new ClassMatches(label, wanted, scores, flags);
  }

  private static int[] countedFirst(boolean[] ignored) {
    int[] order = new int[ignored.length];
    int filled = 0;
    for (int pass = 0; pass < 2; pass++) {
      for (int g = 0; g < ignored.length; g++) {
        if (ignored[g] == (pass == 1)) {
          order[filled++] = g;
        }
      }
    }
    return order;
  }

  private void match(AreaRange range, int t, int[] order, boolean[] ignored, int[] flags) {
    boolean[] taken = new boolean[ignored.length];
    for (int d = 0; d < detections.size(); d++) {
      int object = choice(ious[d], Thresholds.iou(t), order, ignored, taken);
      boolean matched = false;
      boolean counts;
      if (object == NONE) {
        counts = range.contains(detections.get(d).area());
      } else {
        taken[object] = true;
        // The official tool stores the id as the mark of a match, and takes 0 for no match.
        matched = objects.get(object).id() != 0;
        counts = !ignored[object] && (matched || range.contains(detections.get(d).area()));
      }
      int bits = (matched ? 1 << t : 0) | (counts ? 0 : 1 << (ClassMatches.IGNORED + t));
      flags[range.index() * detections.size() + d] |= bits;
    }
  }

  private int choice(
      double[] iou, double threshold, int[] order, boolean[] ignored, boolean[] taken) {
    double best = Math.min(threshold, NEARLY_ONE);
    int choice = NONE;
    for (int g : order) {
      if (taken[g] && objects.get(g).crowd() != Extent.CROWD) {
        continue;
      }
      if (choice != NONE && !ignored[choice] && ignored[g]) {
        break;
      }
      if (iou[g] >= best) {
        best = iou[g];
        choice = g;
      }
    }
    return choice;
  }

  private static double[][] boxes(List<Detection> detections, List<ObjectAnnotation> objects) {
    double[][] ious = new double[detections.size()][objects.size()];
    for (int d = 0; d < ious.length; d++) {
      for (int g = 0; g < ious[d].length; g++) {
        ious[d][g] = iou(detections.get(d), objects.get(g));
      }
    }
    return ious;
  }

  private static double iou(Detection d, ObjectAnnotation g) {
    double width = Math.min(d.x() + d.width(), g.x() + g.width()) - Math.max(d.x(), g.x());
    double height = Math.min(d.y() + d.height(), g.y() + g.height()) - Math.max(d.y(), g.y());
    if (!(width > 0 && height > 0)) {
      return 0;
    }
    double common = width * height;
    double area = d.width() * d.height();
    double all = g.crowd() == Extent.CROWD ? area : area + g.width() * g.height() - common;
    return common / all;
  }

  private static double[][] masks(
      List<Detection> detections, List<ObjectAnnotation> objects, Size picture) {
    List<RunLength> truths =
        objects.stream()
            .map(o -> MaskRaster.runs(o.segmentation(), picture.width(), picture.height()))
            .toList();
    List<Box> bounds = truths.stream().map(RunLengths::bounds).toList();
    double[][] ious = new double[detections.size()][objects.size()];
    for (int d = 0; d < ious.length; d++) {
      RunLength mask =
          detections
              .get(d)
              .mask()
              .orElseThrow(() -> new IllegalArgumentException("a detection without a mask"));
      Box around = RunLengths.bounds(mask);
      for (int g = 0; g < ious[d].length; g++) {
        if (touch(around, bounds.get(g))) {
          ious[d][g] = RunLengths.iou(mask, truths.get(g), objects.get(g).crowd());
        }
      }
    }
    return ious;
  }

  /** Whether two masks can have a pixel in common. */
  private static boolean touch(Box a, Box b) {
    return a.left() < b.right()
        && b.left() < a.right()
        && a.top() < b.bottom()
        && b.top() < a.bottom();
  }
}
