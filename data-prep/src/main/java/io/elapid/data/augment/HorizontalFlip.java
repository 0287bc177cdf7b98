package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.target.TargetKind;
import java.util.EnumSet;
import java.util.Set;

/**
 * Swaps left and right for a share of the pictures.
 *
 * @param probability of a flip, 0 to 1
 */
public record HorizontalFlip(double probability) implements Transform {
  public HorizontalFlip {
    Checks.probability(probability);
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    return flips(seed) ? picture.mirrored() : picture;
  }

  /** The picture alone. */
  public Image apply(Image image, long seed) {
    return flips(seed) ? Mirror.columns(image) : image;
  }

  private boolean flips(long seed) {
    return new SplitMix(seed).nextDouble() < probability;
  }

  @Override
  public Set<TargetKind> kinds() {
    return EnumSet.allOf(TargetKind.class);
  }
}
