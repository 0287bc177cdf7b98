package io.elapid.data.target;

/**
 * One class, wherever in the picture.
 *
 * @param label class index
 */
public record WholePicture(int label) implements GroundTruth {
  @Override
  public TargetKind kind() {
    return TargetKind.CLASSIFICATION;
  }
}
