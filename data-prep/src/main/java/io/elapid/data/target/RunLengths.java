package io.elapid.data.target;

import io.elapid.data.target.Segmentation.RunLength;
import java.util.Arrays;
import java.util.List;

/** Set algebra on masks given as run lengths, without ever drawing them. */
public final class RunLengths {
  private RunLengths() {}

  /** How masks become one. */
  public enum Join {
    UNION,
    INTERSECTION
  }

  /**
   * The union or intersection of masks of one size.
   *
   * @throws IllegalArgumentException if there is no mask, or sizes differ
   */
  public static RunLength merge(List<RunLength> masks, Join join) {
    if (masks.isEmpty()) {
      throw new IllegalArgumentException("no masks to merge");
    }
    RunLength merged = masks.get(0);
    for (RunLength mask : masks.subList(1, masks.size())) {
      merged = merge(merged, mask, join);
    }
    return merged;
  }

  private static RunLength merge(RunLength first, RunLength second, Join join) {
    requireSameSize(first, second);
    int[] merged = new int[first.counts().length + second.counts().length];
    int filled = 0;
    int run = 0;
    boolean inside = false;
    Walk walk = new Walk(first, second);
    while (walk.next()) {
      boolean now = join == Join.UNION ? walk.inFirst || walk.inSecond : walk.inBoth();
      if (now != inside) {
        merged[filled++] = run;
        run = 0;
        inside = now;
      }
      run += walk.length;
    }
    merged[filled++] = run;
    return new RunLength(first.width(), first.height(), Arrays.copyOf(merged, filled));
  }

  /** Pixels that are inside of both masks, which have one size. */
  public static long intersection(RunLength first, RunLength second) {
    requireSameSize(first, second);
    long area = 0;
    Walk walk = new Walk(first, second);
    while (walk.next()) {
      area += walk.inBoth() ? walk.length : 0;
    }
    return area;
  }

  /**
   * How much of each other a detection and an object cover: their intersection over their union, or
   * over the detection where the object is a crowd. 0 of two empty masks.
   */
  public static double iou(RunLength detection, RunLength object, ObjectAnnotation.Extent extent) {
    long common = intersection(detection, object);
    if (common == 0) {
      return 0;
    }
    long area = detection.area();
    long all = extent == ObjectAnnotation.Extent.CROWD ? area : area + object.area() - common;
    return (double) common / all;
  }

  /** The smallest box around the pixels inside; (0, 0, 0, 0) if there are none. */
  public static Box bounds(RunLength mask) {
    int left = mask.width();
    int top = mask.height();
    int right = 0;
    int bottom = 0;
    long position = 0;
    for (int i = 0; i < mask.counts().length; i++) {
      int run = mask.counts()[i];
      if (i % 2 == 1 && run > 0) {
        long last = position + run - 1;
        int firstColumn = (int) (position / mask.height());
        int lastColumn = (int) (last / mask.height());
        left = Math.min(left, firstColumn);
        right = Math.max(right, lastColumn + 1);
        // A run that goes on in the next column touches the picture's lower and upper edge.
        boolean wraps = lastColumn > firstColumn;
        top = wraps ? 0 : Math.min(top, (int) (position % mask.height()));
        bottom = wraps ? mask.height() : Math.max(bottom, (int) (last % mask.height()) + 1);
      }
      position += run;
    }
    return right == 0 ? new Box(0, 0, 0, 0) : new Box(left, top, right, bottom);
  }

  /** The mask of a rectangle, drawn as the polygon of its corners. */
  public static RunLength ofBox(
      double x, double y, double width, double height, int pictureWidth, int pictureHeight) {
    double right = x + width;
    double bottom = y + height;
    double[] corners = {x, y, x, bottom, right, bottom, right, y};
    return MaskRaster.runs(
        new Segmentation.Polygons(List.of(corners)), pictureWidth, pictureHeight);
  }

  private static void requireSameSize(RunLength first, RunLength second) {
    if (first.width() != second.width() || first.height() != second.height()) {
      throw new IllegalArgumentException(
          "masks of %d x %d and %d x %d pixels"
              .formatted(first.width(), first.height(), second.width(), second.height()));
    }
  }

  /** Two masks side by side, in pieces within which neither changes. */
  private static final class Walk {
    private final int[] first;
    private final int[] second;
    private int nextFirst;
    private int nextSecond;
    private int leftOfFirst;
    private int leftOfSecond;
    private boolean inFirst = true;
    private boolean inSecond = true;
    private int length;

    Walk(RunLength first, RunLength second) {
      this.first = first.counts();
      this.second = second.counts();
    }

    /** Goes on to the next piece of at least one pixel. */
    boolean next() {
      leftOfFirst -= length;
      leftOfSecond -= length;
      while (leftOfFirst == 0 && nextFirst < first.length) {
        leftOfFirst = first[nextFirst++];
        inFirst = !inFirst;
      }
      while (leftOfSecond == 0 && nextSecond < second.length) {
        leftOfSecond = second[nextSecond++];
        inSecond = !inSecond;
      }
      length = Math.min(leftOfFirst, leftOfSecond);
      return length > 0;
    }

    boolean inBoth() {
      return inFirst && inSecond;
    }
  }
}
