package io.elapid.data.target;

import io.elapid.data.image.LabelMap;

/**
 * A label for every pixel.
 *
 * @param labels of the picture's size; as stored (0 for "other") or {@linkplain
 *     LabelMap#withoutZero without the zero}
 */
public record PixelClasses(LabelMap labels) implements GroundTruth {
  @Override
  public TargetKind kind() {
    return TargetKind.SEGMENTATION;
  }
}
