package io.elapid.kernel;

/**
 * A region of interest.
 *
 * @param image number of the picture in the batch; negative for none, which pads a list of regions
 * @param x1 left side, in pixels of the picture as the network sees it; the others likewise
 */
public record Roi(int image, double x1, double y1, double x2, double y2) {
  /** Numbers that describe one. */
  public static final int NUMBERS = 5;

  /**
   * Region {@code row} of {@code (R, 5)}: picture, x1, y1, x2, y2.
   *
   * @throws IllegalArgumentException if there is no such picture among so many
   */
  public static Roi of(Tensor rois, int row, int images) {
    int at = row * NUMBERS;
    double image = rois.at(at);
    if (image >= images || image != Math.rint(image)) {
      if (!Double.isNaN(image)) {
        throw new IllegalArgumentException(
            "region %d is of picture %s; there are %d".formatted(row, image, images));
      }
    }
    return new Roi((int) image, rois.at(at + 1), rois.at(at + 2), rois.at(at + 3), rois.at(at + 4));
  }

  /** Whether one of the numbers of region {@code row} is not finite: nothing can be pooled. */
  public static boolean isBroken(Tensor rois, int row) {
    boolean finite = true;
    for (int i = row * NUMBERS; i < (row + 1) * NUMBERS; i++) {
      finite &= Double.isFinite(rois.at(i));
    }
    return !finite;
  }

  /** Whether it only fills a list up. */
  public boolean isPadding() {
    return image < 0;
  }
}
