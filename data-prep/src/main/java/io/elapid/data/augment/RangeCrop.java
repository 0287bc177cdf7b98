package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Region;
import io.elapid.data.target.Instances;
import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/**
 * Cuts out a rectangle anywhere whose height and width are each drawn between two lengths, or are
 * the side's where that is shorter. Objects outside are left out; none may remain.
 *
 * @param minSide shortest length in pixels
 * @param maxSide longest length in pixels
 */
public record RangeCrop(int minSide, int maxSide) implements Transform {
  public RangeCrop {
    Checks.positive("minSide", minSide);
    if (maxSide < minSide) {
      throw new IllegalArgumentException(
          "maxSide must not be below minSide: " + maxSide + " < " + minSide);
    }
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    SplitMix random = new SplitMix(seed);
    int height = length(picture.size().height(), random);
    int width = length(picture.size().width(), random);
    int y = random.nextInt(picture.size().height() - height + 1);
    int x = random.nextInt(picture.size().width() - width + 1);
    Annotated part = picture.cropped(new Region(x, y, width, height));
    return part.truth() instanceof Instances instances
        ? part.withTruth(instances.kept(instance -> !instance.box().isEmpty()))
        : part;
  }

  private int length(int side, SplitMix random) {
    int low = Math.min(side, minSide);
    return low + random.nextInt(Math.min(side, maxSide) - low + 1);
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return List.of(
        Outcome.atMost(
            Math.min(picture.size().width(), maxSide), Math.min(picture.size().height(), maxSide)));
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION);
  }
}
