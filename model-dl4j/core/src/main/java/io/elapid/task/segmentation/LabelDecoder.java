package io.elapid.task.segmentation;

import io.elapid.data.image.Size;
import java.util.Arrays;

/**
 * From a head's scores to the class of every pixel of a picture: enlarged to the size that the
 * network saw, the padding cut off, then resized to the original size. Of equal scores the lower
 * class wins.
 *
 * @param map size of the scores
 * @param frame size that the network saw, padding included
 * @param content the picture in its upper left corner
 * @param original size that is wanted
 */
public record LabelDecoder(Size map, Size frame, Size content, Size original) {

  /**
   * The classes, row by row.
   *
   * @param scores (classes, height, width), from {@code at} on
   */
  public byte[] labels(float[] scores, int at, int classes) {
    PlaneResize enlarging = new PlaneResize(map, frame);
    PlaneResize restoring = new PlaneResize(content, original);
    float[] seen = new float[Math.multiplyExact(frame.width(), frame.height())];
    float[] plane = new float[Math.multiplyExact(original.width(), original.height())];
    float[] best = new float[plane.length];
    byte[] labels = new byte[plane.length];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    int cells = map.width() * map.height();
    for (int label = 0; label < classes; label++) {
      enlarging.apply(scores, at + label * cells, map.width(), seen);
      restoring.apply(seen, 0, frame.width(), plane);
      for (int i = 0; i < plane.length; i++) {
        if (plane[i] > best[i]) {
          best[i] = plane[i];
          labels[i] = (byte) label;
        }
      }
    }
    return labels;
  }
}
