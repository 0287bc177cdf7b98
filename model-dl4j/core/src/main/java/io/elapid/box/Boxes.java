package io.elapid.box;

import io.elapid.data.target.Box;
import java.util.Arrays;
import java.util.List;

/**
 * A list of rectangles with continuous corners; sides are plain differences.
 *
 * @param corners (n, 4): left, top, right, bottom; not copied, whoever holds boxes treats them as
 *     constant
 */
public record Boxes(float[] corners) {
  private static final int SIDES = 4;
  private static final Boxes NONE = new Boxes(new float[0]);

  /** Whole rows only. */
  public Boxes {
    if (corners.length % SIDES != 0) {
      throw new IllegalArgumentException(corners.length + " numbers are no list of boxes");
    }
  }

  /** An empty list. */
  public static Boxes none() {
    return NONE;
  }

  /** The same boxes one after the other. */
  public static Boxes of(List<Box> list) {
    float[] corners = new float[SIDES * list.size()];
    for (int i = 0; i < list.size(); i++) {
      Box box = list.get(i);
      put(corners, i, box.left(), box.top(), box.right(), box.bottom());
    }
    return new Boxes(corners);
  }

  /** All boxes of several lists. */
  public static Boxes concatenated(List<Boxes> lists) {
    int length = lists.stream().mapToInt(b -> b.corners.length).sum();
    float[] all = new float[length];
    int at = 0;
    for (Boxes boxes : lists) {
      System.arraycopy(boxes.corners, 0, all, at, boxes.corners.length);
      at += boxes.corners.length;
    }
    return new Boxes(all);
  }

  static void put(float[] corners, int index, float left, float top, float right, float bottom) {
    corners[SIDES * index] = left;
    corners[SIDES * index + 1] = top;
    corners[SIDES * index + 2] = right;
    corners[SIDES * index + 3] = bottom;
  }

  /** Number of boxes. */
  public int size() {
    return corners.length / SIDES;
  }

  public float left(int index) {
    return corners[SIDES * index];
  }

  public float top(int index) {
    return corners[SIDES * index + 1];
  }

  public float right(int index) {
    return corners[SIDES * index + 2];
  }

  public float bottom(int index) {
    return corners[SIDES * index + 3];
  }

  public float width(int index) {
    return right(index) - left(index);
  }

  public float height(int index) {
    return bottom(index) - top(index);
  }

  public float area(int index) {
    return width(index) * height(index);
  }

  /** One of them. */
  public Box box(int index) {
    return new Box(left(index), top(index), right(index), bottom(index));
  }

  /** Some of them, in the order of {@code indices}. */
  public Boxes rows(int... indices) {
    float[] chosen = new float[SIDES * indices.length];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(corners, SIDES * indices[i], chosen, SIDES * i, SIDES);
    }
    return new Boxes(chosen);
  }

  /** The first {@code count}. */
  public Boxes first(int count) {
    return new Boxes(Arrays.copyOf(corners, SIDES * count));
  }

  /** Both axes divided, in the way that detectors undo the resizing of pictures. */
  public Boxes dividedBy(float x, float y) {
    float[] divided = corners.clone();
    for (int i = 0; i < divided.length; i++) {
      divided[i] /= i % 2 == 0 ? x : y;
    }
    return new Boxes(divided);
  }

  /** Cut to the rectangle from (0, 0) to ({@code width}, {@code height}); some may become empty. */
  public Boxes clipped(float width, float height) {
    float[] cut = corners.clone();
    for (int i = 0; i < cut.length; i++) {
      cut[i] = Math.max(0, Math.min(cut[i], i % 2 == 0 ? width : height));
    }
    return new Boxes(cut);
  }
}
