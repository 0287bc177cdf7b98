package io.elapid.data.source;

import io.elapid.data.image.Image;
import io.elapid.data.target.Mask;
import io.elapid.data.target.ObjectAnnotation.Extent;
import java.util.List;

/**
 * A generated picture and what is where in it.
 *
 * @param things from the farthest to the nearest
 * @param owners for every pixel the index of the thing that is seen there, {@link #GROUND} or
 *     {@link #OTHER}
 */
record Scene(Image image, List<Thing> things, int[] owners) {
  /** A pixel of the ground or of the clutter on it. */
  static final int GROUND = -1;

  /** A pixel of something in front of everything, which is of no class. */
  static final int OTHER = -2;

  /**
   * A shape, or a crowd of one.
   *
   * @param label class index
   */
  record Thing(int label, Extent extent) {}

  /** The pixels in which a thing is seen. */
  Mask visible(int thing) {
    byte[] values = new byte[owners.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (owners[i] == thing ? 1 : 0);
    }
    return new Mask(image.width(), image.height(), values);
  }
}
