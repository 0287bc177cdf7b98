package io.elapid.kernel;

import java.util.List;

/**
 * RoIAlign from a pyramid: every bin of a region is the mean of bilinear samples of one level.
 *
 * <p>{@code levels: (B, C, H_l, W_l)}, the finest first; {@code rois: (R, 5)}, see {@link Roi};
 * {@code y: (R, C, height, width)} of {@link RoiPooling}. Samples more than a pixel outside the map
 * count as zero, those nearer as the pixel at the border. Regions that only fill up the list, and
 * those without a sample, give zeros; those with a number that is not finite give NaN.
 */
public interface RoiAlignKernel {
  /** Writes {@code y}. */
  void forward(List<Tensor> levels, Tensor rois, RoiPooling pooling, Tensor y);

  /**
   * Gradient in the maps, written to {@code dlevels}; regions get none, and those that are not
   * finite pass none on.
   */
  void gradient(Tensor dy, Tensor rois, RoiPooling pooling, List<Tensor> dlevels);
}
