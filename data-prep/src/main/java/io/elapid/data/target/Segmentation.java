package io.elapid.data.target;

import java.io.Serializable;
import java.util.List;

/** Which pixels of a picture an object covers. */
public sealed interface Segmentation extends Serializable {

  /** The annotators drew only a box, or something that encloses no pixels. */
  record None() implements Segmentation {
    private static final long serialVersionUID = 1L;
  }

  /**
   * The union of the insides of closed polygons.
   *
   * @param rings x0, y0, x1, y1, ... of each, at least three points; in pixels from the upper left
   *     corner
   */
  record Polygons(List<double[]> rings) implements Segmentation {
    private static final long serialVersionUID = 1L;

    public Polygons {
      rings = List.copyOf(rings);
    }
  }

  /**
   * Lengths of alternating runs outside and inside the object, down the columns from the left, the
   * first outside (it may be 0).
   *
   * @param counts that add up to width x height
   */
  record RunLength(int width, int height, int[] counts) implements Segmentation {
    private static final long serialVersionUID = 1L;

    public RunLength {
      long sum = 0;
      for (int count : counts) {
        if (count < 0) {
          throw new IllegalArgumentException("a run of " + count + " pixels");
        }
        sum += count;
      }
      if (width <= 0 || height <= 0 || sum != (long) width * height) {
        throw new IllegalArgumentException(
            "runs of %d pixels for a mask of %d x %d".formatted(sum, width, height));
      }
    }

    /** Pixels inside. */
    public long area() {
      long area = 0;
      for (int i = 1; i < counts.length; i += 2) {
        area += counts[i];
      }
      return area;
    }
  }
}
