package io.elapid.data.target;

/**
 * One class for the whole picture.
 *
 * @param label class index
 */
public record ClassTarget(int label) implements Target {
  @Override
  public TargetKind kind() {
    return TargetKind.CLASSIFICATION;
  }
}
