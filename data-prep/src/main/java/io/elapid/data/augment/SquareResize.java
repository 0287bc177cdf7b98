package io.elapid.data.augment;

import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/** Resizes to a square, whatever the aspect ratio was. */
public record SquareResize(int side) implements Transform {
  public SquareResize {
    Checks.positive("side", side);
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    return picture.resized(new Size(side, side));
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return List.of(Outcome.exact(new Size(side, side)));
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION, TargetKind.SEGMENTATION);
  }
}
