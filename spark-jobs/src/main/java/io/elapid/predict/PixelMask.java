package io.elapid.predict;

import io.elapid.data.target.Mask;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.RunLengthText;
import io.elapid.data.target.Segmentation;

/**
 * The pixels of an object in a picture of that size.
 *
 * @param counts run lengths down the columns in the text form of COCO, as its tools read them with
 *     {@code {"size": [height, width], "counts": counts}}
 */
public record PixelMask(int width, int height, String counts) {

  static PixelMask of(Segmentation.RunLength runs) {
    return new PixelMask(runs.width(), runs.height(), RunLengthText.encode(runs.counts()));
  }

  /** The run lengths as numbers. */
  public Segmentation.RunLength runs() {
    return new Segmentation.RunLength(width, height, RunLengthText.decode(counts));
  }

  /** As a bitmap of the picture's size. */
  public Mask bitmap() {
    return MaskRaster.mask(runs(), width, height);
  }

  /** Pixels inside. */
  public long area() {
    return runs().area();
  }
}
