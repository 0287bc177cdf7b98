package io.elapid.kernel;

/**
 * How regions of interest are pooled from a pyramid of maps (He et al., "Mask R-CNN", ICCV 2017;
 * the choice of a level is that of Lin et al., "Feature Pyramid Networks", CVPR 2017).
 *
 * @param height rows of bins
 * @param width columns of bins
 * @param samples per bin and dimension; 0 for one per pixel of the level, {@code ceil(length of the
 *     region / bins)}
 * @param alignment where pixel centres lie
 * @param stride pixels of the picture per pixel of the finest level; each further level has twice
 *     that of the one before
 * @param finestScale regions whose sides are less than twice this, in pixels of the picture, are
 *     taken from the finest level
 */
public record RoiPooling(
    int height, int width, int samples, Alignment alignment, double stride, double finestScale) {

  /** Which point of a map belongs to a point of the picture. */
  public enum Alignment {
    /**
     * The position divided by the stride, less half a pixel: pixel centres lie at halves of a
     * pixel.
     */
    ALIGNED,
    /**
     * The position divided by the stride; a region is at least a pixel of the map wide and high.
     */
    UNALIGNED
  }

  /** Checks the ranges. */
  public RoiPooling {
    if (height < 1 || width < 1 || samples < 0 || !(stride > 0) || !(finestScale > 0)) {
      throw new IllegalArgumentException(
          "no such pooling: %d x %d bins, %d samples, stride %s, finest scale %s"
              .formatted(height, width, samples, stride, finestScale));
    }
  }

  /** {@code floor(log2(sqrt(w h) / finestScale + 1e-6))}, from 0 to {@code levels - 1}. */
  public int level(Roi roi, int levels) {
    double size = Math.sqrt(Math.max(0, (roi.x2() - roi.x1()) * (roi.y2() - roi.y1())));
    double level = Math.floor(Math.log(size / finestScale + 1e-6) / Math.log(2));
    return (int) Math.max(0, Math.min(levels - 1, level));
  }

  /** The rows of bins of a region on a level. */
  public RoiSpan rows(Roi roi, int level) {
    return span(roi.y1(), roi.y2(), level, height);
  }

  /** The columns of bins of a region on a level. */
  public RoiSpan columns(Roi roi, int level) {
    return span(roi.x1(), roi.x2(), level, width);
  }

  private RoiSpan span(double from, double to, int level, int bins) {
    double scale = Math.scalb(1 / stride, -level);
    double start = from * scale - (alignment == Alignment.ALIGNED ? 0.5 : 0);
    double length = (to - from) * scale;
    if (alignment == Alignment.UNALIGNED) {
      length = Math.max(length, 1);
    }
    int grid = samples > 0 ? samples : (int) Math.ceil(length / bins);
    return new RoiSpan(start, length / bins, Math.max(grid, 0));
  }
}
