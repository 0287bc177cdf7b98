package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Region;
import io.elapid.data.image.Size;
import io.elapid.data.target.PixelClasses;
import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/**
 * Cuts out a square of {@code side} pixels anywhere, or the whole side where that is shorter. In up
 * to ten tries it looks for a part with more than one class whose most frequent one covers less
 * than {@code maxClassShare} of the pixels that have a class; after that it takes any.
 *
 * @param side in pixels
 * @param maxClassShare in (0, 1]; 1 takes the first part
 */
public record RandomCrop(int side, double maxClassShare) implements Transform {
  private static final int TRIES = 10;

  public RandomCrop {
    Checks.positive("side", side);
    if (!(maxClassShare > 0 && maxClassShare <= 1)) {
      throw new IllegalArgumentException("maxClassShare must be in (0, 1]: " + maxClassShare);
    }
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    SplitMix random = new SplitMix(seed);
    Region part = draw(picture.size(), random);
    if (maxClassShare < 1 && picture.truth() instanceof PixelClasses classes) {
      for (int i = 0; i < TRIES && !isVaried(classes.labels().crop(part)); i++) {
        part = draw(picture.size(), random);
      }
    }
    return picture.cropped(part);
  }

  private Region draw(Size size, SplitMix random) {
    int width = Math.min(side, size.width());
    int height = Math.min(side, size.height());
    int y = random.nextInt(size.height() - height + 1);
    int x = random.nextInt(size.width() - width + 1);
    return new Region(x, y, width, height);
  }

  private boolean isVaried(LabelMap labels) {
    long[] counts = labels.histogram();
    long sum = 0;
    long most = 0;
    int classes = 0;
    for (int label = 0; label < LabelMap.IGNORED; label++) {
      sum += counts[label];
      most = Math.max(most, counts[label]);
      classes += counts[label] > 0 ? 1 : 0;
    }
    return classes > 1 && (double) most / sum < maxClassShare;
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    Size size = picture.size();
    return List.of(
        picture.withSize(new Size(Math.min(side, size.width()), Math.min(side, size.height()))));
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.SEGMENTATION);
  }
}
