package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Resizes by the largest factor with which the longer side is at most {@code longSide} and the
 * shorter at most one of {@code shortSides}, as published detectors and segmenters do; of several
 * short sides one is drawn for every picture (multi-scale training).
 *
 * @param longSide in pixels, for all short sides
 * @param shortSides in pixels, at least one
 */
public record KeepRatioResize(int longSide, List<Integer> shortSides) implements Transform {
  public KeepRatioResize {
    shortSides = List.copyOf(shortSides);
    Checks.positive("longSide", longSide);
    if (shortSides.isEmpty()) {
      throw new IllegalArgumentException("shortSides must name at least one length");
    }
    shortSides.forEach(side -> Checks.positive("shortSides", side));
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    int drawn = shortSides.size() == 1 ? 0 : new SplitMix(seed).nextInt(shortSides.size());
    return picture.resized(fit(picture.size(), longSide, shortSides.get(drawn)));
  }

  /** The size of a picture brought into the given bounds, whichever way round they are. */
  public static Size fit(Size size, int longSide, int shortSide) {
    int larger = Math.max(longSide, shortSide);
    int smaller = Math.min(longSide, shortSide);
    double scale =
        Math.min(
            larger / (double) Math.max(size.width(), size.height()),
            smaller / (double) Math.min(size.width(), size.height()));
    return new Size(scaled(size.width(), scale), scaled(size.height(), scale));
  }

  /** A thin picture must not vanish. */
  private static int scaled(int side, double scale) {
    return Math.max(1, (int) (side * scale + 0.5));
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    List<Outcome> sizes = new ArrayList<>();
    for (int shortSide : shortSides) {
      if (picture.certainty() == Outcome.Certainty.EXACT) {
        sizes.add(Outcome.exact(fit(picture.size(), longSide, shortSide)));
      } else {
        sizes.add(Outcome.atMost(Math.max(longSide, shortSide), Math.min(longSide, shortSide)));
        sizes.add(Outcome.atMost(Math.min(longSide, shortSide), Math.max(longSide, shortSide)));
      }
    }
    return sizes;
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION, TargetKind.SEGMENTATION);
  }
}
