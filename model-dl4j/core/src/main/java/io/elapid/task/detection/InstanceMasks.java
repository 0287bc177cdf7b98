package io.elapid.task.detection;

import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.Mask;
import io.elapid.kernel.MaskPaste;
import io.elapid.kernel.Roi;

/** Predicted masks in the pixels of original pictures. */
final class InstanceMasks {
  private static final double THRESHOLD = 0.5;

  private InstanceMasks() {}

  /**
   * The pixels of one object.
   *
   * @param logits (28, 28) of the object's class
   * @param box in the coordinates of the original picture
   * @param picture size of the original picture
   */
  static Mask paste(float[] logits, Box box, Size picture) {
    float[] probabilities = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      probabilities[i] = (float) (1 / (1 + Math.exp(-logits[i])));
    }
    Roi place = new Roi(0, box.left(), box.top(), box.right(), box.bottom());
    byte[] pixels =
        new MaskPaste(probabilities, MaskHead.SIZE, place)
            .mask(picture.width(), picture.height(), THRESHOLD);
    return new Mask(picture.width(), picture.height(), pixels);
  }
}
