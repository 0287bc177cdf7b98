package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/**
 * {@link KeepRatioResize} into bounds that are both multiplied by a ratio drawn for every picture.
 *
 * @param longSide in pixels at ratio 1
 * @param shortSide in pixels at ratio 1
 * @param minRatio smallest ratio
 * @param maxRatio largest ratio
 */
public record RatioRangeResize(int longSide, int shortSide, double minRatio, double maxRatio)
    implements Transform {
  public RatioRangeResize {
    Checks.positive("longSide", longSide);
    Checks.positive("shortSide", shortSide);
    Checks.ordered("ratio", minRatio, maxRatio);
    Checks.positive("shortSide at the smallest ratio", (int) (shortSide * minRatio));
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    double ratio = new SplitMix(seed).uniform(minRatio, maxRatio);
    return picture.resized(at(picture.size(), ratio));
  }

  private Size at(Size size, double ratio) {
    return KeepRatioResize.fit(size, (int) (longSide * ratio), (int) (shortSide * ratio));
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    if (picture.certainty() == Outcome.Certainty.EXACT) {
      Size largest = at(picture.size(), maxRatio);
      return List.of(Outcome.atMost(largest.width(), largest.height()));
    }
    int larger = (int) (Math.max(longSide, shortSide) * maxRatio);
    int smaller = (int) (Math.min(longSide, shortSide) * maxRatio);
    return List.of(Outcome.atMost(larger, smaller), Outcome.atMost(smaller, larger));
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION, TargetKind.SEGMENTATION);
  }
}
