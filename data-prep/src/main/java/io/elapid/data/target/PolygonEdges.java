package io.elapid.data.target;

import java.util.Arrays;

/**
 * The inside of one closed polygon, as COCO's tools draw it: the outline is walked on a grid five
 * times finer, and every step to another of its columns that crosses the middle of a pixel column
 * starts or ends a run there. Areas are therefore not those of the ideal polygon.
 */
final class PolygonEdges {
  private static final int FINE = 5;

  /** The largest distance from the picture's corner at which a point still makes sense. */
  private static final double FARTHEST = 1e6;

  private final int width;
  private final int height;
  private int[] crossings = new int[32];
  private int found;
  private boolean started;
  private int lastX;
  private int lastY;

  private PolygonEdges(int width, int height) {
    this.width = width;
    this.height = height;
  }

  /** Whether every point can be drawn. */
  static boolean isSane(double[] ring) {
    return Arrays.stream(ring).allMatch(PolygonEdges::isNear);
  }

  /** Whether a coordinate is a number, and not a million pixels away. */
  static boolean isNear(double coordinate) {
    return Math.abs(coordinate) <= FARTHEST;
  }

  /**
   * Run lengths down the columns of a picture, the first outside.
   *
   * @param ring x0, y0, x1, y1, ...
   * @throws IllegalArgumentException if a point is no number or a million pixels away
   */
  static int[] runs(double[] ring, int width, int height) {
    if (!isSane(ring)) {
      throw new IllegalArgumentException("a polygon with a point that is nowhere near a picture");
    }
    PolygonEdges edges = new PolygonEdges(width, height);
    int points = ring.length / 2;
    for (int i = 0; i < points; i++) {
      int next = (i + 1) % points;
      edges.walk(
          fine(ring[2 * i]), fine(ring[2 * i + 1]), fine(ring[2 * next]), fine(ring[2 * next + 1]));
    }
    return edges.runs();
  }

  /** Cut, not rounded down: so the original does, and points left of the picture tell. */
  private static int fine(double value) {
    return (int) (FINE * value + 0.5);
  }

  /** From one point to the next; always calculated from the smaller to the larger coordinate. */
  private void walk(int fromX, int fromY, int toX, int toY) {
    int dx = Math.abs(toX - fromX);
    int dy = Math.abs(toY - fromY);
    boolean flat = dx >= dy;
    boolean back = flat ? fromX > toX : fromY > toY;
    int startX = back ? toX : fromX;
    int startY = back ? toY : fromY;
    int endX = back ? fromX : toX;
    int endY = back ? fromY : toY;
    int steps = flat ? dx : dy;
    double slope = flat ? (double) (endY - startY) / dx : (double) (endX - startX) / dy;
    for (int step = 0; step <= steps; step++) {
      int t = back ? steps - step : step;
      if (flat) {
        visit(startX + t, (int) (startY + slope * t + 0.5));
      } else {
        visit((int) (startX + slope * t + 0.5), startY + t);
      }
    }
  }

  private void visit(int x, int y) {
    if (started && x != lastX) {
      cross(x < lastX ? x : x - 1, Math.min(y, lastY));
    }
    started = true;
    lastX = x;
    lastY = y;
  }

  private void cross(int fineX, int fineY) {
    double x = (fineX + 0.5) / FINE - 0.5;
    if (Math.floor(x) != x || x < 0 || x > width - 1) {
      return;
    }
    double y = Math.ceil(Math.max(0, Math.min(height, (fineY + 0.5) / FINE - 0.5)));
    if (found == crossings.length) {
      crossings = Arrays.copyOf(crossings, 2 * found);
    }
    crossings[found++] = ((int) x) * height + (int) y;
  }

  private int[] runs() {
    int[] ends = Arrays.copyOf(crossings, found + 1);
    ends[found] = width * height;
    Arrays.sort(ends);
    int[] runs = new int[ends.length];
    int filled = 0;
    int last = 0;
    boolean merge = false;
    for (int end : ends) {
      int run = end - last;
      last = end;
      if (merge) {
        // Nothing lay between two runs of the same kind.
        runs[filled - 1] += run;
        merge = false;
      } else if (run > 0 || filled == 0) {
        runs[filled++] = run;
      } else {
        merge = true;
      }
    }
    return Arrays.copyOf(runs, filled);
  }
}
