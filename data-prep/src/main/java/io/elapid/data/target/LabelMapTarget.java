package io.elapid.data.target;

/**
 * A class for every pixel.
 *
 * @param png the label picture's file, byte for byte: its samples are 0 for "other" and 1 + class
 *     index for a class
 * @param scene what kind of place the picture shows; empty where nobody said
 */
public record LabelMapTarget(byte[] png, String scene) implements Target {
  @Override
  public TargetKind kind() {
    return TargetKind.SEGMENTATION;
  }
}
