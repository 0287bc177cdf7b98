package io.elapid.data.target;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Masks to run lengths and bitmaps, to the pixel as COCO's own tools draw them. */
public final class MaskRaster {
  private MaskRaster() {}

  /**
   * Whether a mask can be drawn: its polygons' points are numbers, and not a million pixels away.
   */
  public static boolean canDraw(Segmentation segmentation) {
    return !(segmentation instanceof Segmentation.Polygons polygons)
        || polygons.rings().stream().allMatch(PolygonEdges::isSane);
  }

  /**
   * The bitmap of a mask in a picture of the given size: polygons are filled by COCO's rule, run
   * lengths of another size are cut or filled up with zeros.
   */
  public static Mask mask(Segmentation segmentation, int width, int height) {
    byte[] values = new byte[Math.multiplyExact(width, height)];
    if (segmentation instanceof Segmentation.Polygons polygons) {
      for (double[] ring : polygons.rings()) {
        fill(PolygonEdges.runs(ring, width, height), height, width, height, values);
      }
    } else if (segmentation instanceof Segmentation.RunLength runs) {
      fill(runs.counts(), runs.height(), width, height, values);
    }
    return new Mask(width, height, values);
  }

  /** Sets what runs down columns of {@code columnHeight} pixels cover. */
  private static void fill(int[] counts, int columnHeight, int width, int height, byte[] values) {
    long position = 0;
    for (int i = 0; i < counts.length; i++) {
      if (i % 2 == 1) {
        for (long p = position; p < position + counts[i]; p++) {
          int x = (int) (p / columnHeight);
          int y = (int) (p % columnHeight);
          if (x < width && y < height) {
            values[y * width + x] = 1;
          }
        }
      }
      position += counts[i];
    }
  }

  /** The run lengths of a mask in a picture of the given size. */
  public static Segmentation.RunLength runs(Segmentation segmentation, int width, int height) {
    if (segmentation instanceof Segmentation.RunLength runs
        && runs.width() == width
        && runs.height() == height) {
      return runs;
    }
    if (segmentation instanceof Segmentation.Polygons polygons) {
      List<Segmentation.RunLength> parts = new ArrayList<>();
      for (double[] ring : polygons.rings()) {
        int[] counts = PolygonEdges.runs(ring, width, height);
        parts.add(new Segmentation.RunLength(width, height, counts));
      }
      return parts.isEmpty()
          ? new Segmentation.RunLength(width, height, new int[] {width * height})
          : RunLengths.merge(parts, RunLengths.Join.UNION);
    }
    return runs(mask(segmentation, width, height));
  }

  /** The run lengths of a bitmap. */
  public static Segmentation.RunLength runs(Mask mask) {
    int[] counts = new int[16];
    int filled = 0;
    int run = 0;
    byte current = 0;
    for (int x = 0; x < mask.width(); x++) {
      for (int y = 0; y < mask.height(); y++) {
        byte value = mask.values()[y * mask.width() + x];
        if (value != current) {
          counts = withRoom(counts, filled);
          counts[filled++] = run;
          run = 0;
          current = value;
        }
        run++;
      }
    }
    counts = withRoom(counts, filled);
    counts[filled++] = run;
    return new Segmentation.RunLength(mask.width(), mask.height(), Arrays.copyOf(counts, filled));
  }

  private static int[] withRoom(int[] counts, int filled) {
    return filled < counts.length ? counts : Arrays.copyOf(counts, 2 * counts.length);
  }
}
