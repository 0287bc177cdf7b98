package io.elapid.data.augment;

import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/**
 * Fills up to the right and below: with zeros once the values have been normalised, and label maps
 * with {@link io.elapid.data.image.LabelMap#IGNORED}. Stands last.
 *
 * @param minSide both sides become at least this long; 1 to leave them
 * @param divisor both sides become multiples of it; 1 to leave them
 */
public record Pad(int minSide, int divisor) implements Transform {
  public Pad {
    Checks.positive("minSide", minSide);
    Checks.positive("divisor", divisor);
  }

  /** Sides of whole multiples. */
  public static Pad toMultiple(int divisor) {
    return new Pad(1, divisor);
  }

  /** A square, where the sides are not longer already. */
  public static Pad toSquare(int side) {
    return new Pad(side, 1);
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    return picture.withGeometry(picture.geometry().framed(padded(picture.size())));
  }

  private Size padded(Size size) {
    return new Size(Math.max(minSide, size.width()), Math.max(minSide, size.height()))
        .roundedUp(divisor);
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return List.of(picture.withSize(padded(picture.size())));
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION, TargetKind.SEGMENTATION);
  }
}
