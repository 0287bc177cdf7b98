package io.elapid.data.augment;

import io.elapid.data.target.GroundTruth;
import io.elapid.data.target.PixelClasses;
import io.elapid.data.target.TargetKind;
import java.util.Set;

/**
 * Takes the label 0 away: its pixels are not learnt from, and every other label is one less. Stands
 * before everything that counts labels.
 */
public record ReduceZeroLabel() implements Transform {
  @Override
  public Annotated apply(Annotated picture, long seed) {
    return picture.withTruth(apply(picture.truth()));
  }

  /** The truth alone: how an evaluation sees labels that are not resized. */
  public GroundTruth apply(GroundTruth truth) {
    return truth instanceof PixelClasses classes
        ? new PixelClasses(classes.labels().withoutZero())
        : truth;
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.SEGMENTATION);
  }
}
