package io.elapid.task.segmentation;

import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The class of every pixel of a picture as it was stored, from scores of a padded, resized and
 * down-sampled one: scores are enlarged to the frame, cut to the picture, resized to its original
 * size, and the highest wins; of equal ones the lower class. Both enlargements are bilinear without
 * aligned corners, as published segmenters are tested.
 *
 * @param classes planes of scores, at most 255
 * @param map size of a plane
 */
public record PixelClasses(int classes, Size map) {
  public PixelClasses {
    if (classes < 1 || classes > LabelMap.IGNORED) {
      throw new IllegalArgumentException("label maps hold 1 to 255 classes, not " + classes);
    }
  }

  /**
   * The label map of one picture.
   *
   * @param scores (rows, classes, map height, map width) from position 0
   * @param row of the picture
   * @param frame size that the network was given
   * @param content size of the picture in its upper left corner
   * @param original size of the picture as stored
   */
  public LabelMap of(FloatBuffer scores, int row, Size frame, Size content, Size original) {
    Plane toContent =
        new Plane(
            Axis.of(map.width(), frame.width(), content.width()),
            Axis.of(map.height(), frame.height(), content.height()));
    Plane toOriginal =
        new Plane(
            Axis.of(content.width(), original.width(), original.width()),
            Axis.of(content.height(), original.height(), original.height()));
    float[] plane = new float[Math.toIntExact(map.area())];
    float[] best = new float[Math.toIntExact(original.area())];
    byte[] labels = new byte[best.length];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    for (int label = 0; label < classes; label++) {
      scores.get((row * classes + label) * plane.length, plane);
      float[] resized = toOriginal.resized(toContent.resized(plane));
      for (int i = 0; i < best.length; i++) {
        if (resized[i] > best[i]) {
          best[i] = resized[i];
          labels[i] = (byte) label;
        }
      }
    }
    return new LabelMap(original.width(), original.height(), labels);
  }

  /** Columns and rows of a resized plane. */
  private record Plane(Axis columns, Axis rows) {
    float[] resized(float[] source) {
      if (columns.isIdentity() && rows.isIdentity()) {
        return source;
      }
      int width = columns.length();
      float[] result = new float[width * rows.length()];
      for (int y = 0; y < rows.length(); y++) {
        int above = rows.low[y] * columns.from;
        int below = rows.high[y] * columns.from;
        float down = rows.share[y];
        for (int x = 0; x < width; x++) {
          int left = columns.low[x];
          int right = columns.high[x];
          float across = columns.share[x];
          float top = (1 - across) * source[above + left] + across * source[above + right];
          float bottom = (1 - across) * source[below + left] + across * source[below + right];
          result[y * width + x] = (1 - down) * top + down * bottom;
        }
      }
      return result;
    }
  }

  /** Which two values each of the first ones along an axis lies between, and where. */
  private static final class Axis {
    private final int from;
    private final int[] low;
    private final int[] high;
    private final float[] share;

    private Axis(int from, int kept) {
      this.from = from;
      this.low = new int[kept];
      this.high = new int[kept];
      this.share = new float[kept];
    }

    /** Of {@code kept} of the {@code to} values that {@code from} become. */
    static Axis of(int from, int to, int kept) {
      Axis axis = new Axis(from, kept);
      float scale = (float) from / to;
      for (int i = 0; i < kept; i++) {
        float at = Math.max(0, scale * (i + 0.5f) - 0.5f);
        axis.low[i] = Math.min((int) at, from - 1);
        axis.high[i] = Math.min(axis.low[i] + 1, from - 1);
        axis.share[i] = at - axis.low[i];
      }
      return axis;
    }

    int length() {
      return low.length;
    }

    boolean isIdentity() {
      if (length() != from) {
        return false;
      }
      for (int i = 0; i < from; i++) {
        if (low[i] != i || share[i] != 0) {
          return false;
        }
      }
      return true;
    }
  }
}
