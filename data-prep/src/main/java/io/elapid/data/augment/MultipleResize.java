package io.elapid.data.augment;

import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/**
 * Resizes so that both sides are rounded up to multiples of {@code divisor}: the aspect ratio
 * changes a little, and nothing needs padding.
 */
public record MultipleResize(int divisor) implements Transform {
  public MultipleResize {
    Checks.positive("divisor", divisor);
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    return picture.resized(picture.size().roundedUp(divisor));
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return List.of(picture.withSize(picture.size().roundedUp(divisor)));
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION, TargetKind.SEGMENTATION);
  }
}
