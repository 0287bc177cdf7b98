package io.elapid.task.detection;

import io.elapid.data.target.Box;
import io.elapid.kernel.MaskPaste;
import io.elapid.kernel.Roi;

/** Predicted masks in the pixels of original pictures. */
final class InstanceMasks {
  private static final double THRESHOLD = 0.5;

  private InstanceMasks() {}

  /**
   * The pixels of one object, row by row: 1 inside and 0 outside.
   *
   * @param logits (28, 28) of the object's class
   * @param box in the coordinates of the original picture
   */
  static byte[] paste(float[] logits, Box box, int width, int height) {
    float[] probabilities = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      probabilities[i] = (float) (1 / (1 + Math.exp(-logits[i])));
    }
    Roi place = new Roi(0, box.left(), box.top(), box.right(), box.bottom());
    return new MaskPaste(probabilities, MaskHead.SIZE, place).mask(width, height, THRESHOLD);
  }
}
