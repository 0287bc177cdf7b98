package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Region;
import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.Instance;
import io.elapid.data.target.Instances;
import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/**
 * The crop of single-shot detectors (Liu et al. 2016): draws one of "as it is", "any" and several
 * overlaps; then, in up to fifty tries, a rectangle whose sides have at least {@code minSide} of
 * the picture's and a ratio within 1/2 to 2, that overlaps every object by at least the drawn IoU
 * and holds the middle of one. Objects whose middle is outside are left out, the others cut. If no
 * try succeeds, it draws again.
 *
 * @param minIous overlaps to draw from
 * @param minSide share of each side, in (0, 1]
 */
public record MinIouCrop(List<Double> minIous, double minSide) implements Transform {
  private static final int TRIES = 50;

  /** What stays as it is is drawn with certainty before these are over. */
  private static final int ROUNDS = 1000;

  private static final float EPSILON = 1e-6f;

  public MinIouCrop {
    minIous = List.copyOf(minIous);
    for (double iou : minIous) {
      if (!(iou > 0 && iou < 1)) {
        throw new IllegalArgumentException("minIous must be in (0, 1): " + iou);
      }
    }
    if (!(minSide > 0 && minSide <= 1)) {
      throw new IllegalArgumentException("minSide must be in (0, 1]: " + minSide);
    }
  }

  @Override
  public Annotated apply(Annotated picture, long seed) {
    SplitMix random = new SplitMix(seed);
    Instances instances = (Instances) picture.truth();
    for (int round = 0; round < ROUNDS; round++) {
      int mode = random.nextInt(minIous.size() + 2);
      if (mode == 0) {
        return picture;
      }
      double minIou = mode == 1 ? 0 : minIous.get(mode - 2);
      for (int i = 0; i < TRIES; i++) {
        Region region = draw(picture.size(), random);
        if (region != null && suits(region, instances, minIou)) {
          return picture
              .withTruth(instances.kept(instance -> holdsMiddle(region, instance.box())))
              .cropped(region);
        }
      }
    }
    return picture;
  }

  /** Null where the ratio does not do, or nothing would be left. */
  private Region draw(Size size, SplitMix random) {
    double width = random.uniform(minSide * size.width(), size.width());
    double height = random.uniform(minSide * size.height(), size.height());
    if (height / width < 0.5 || height / width > 2) {
      return null;
    }
    double left = random.uniform(0, size.width() - width);
    double top = random.uniform(0, size.height() - height);
    int right = (int) (left + width);
    int bottom = (int) (top + height);
    return right > (int) left && bottom > (int) top
        ? new Region((int) left, (int) top, right - (int) left, bottom - (int) top)
        : null;
  }

  private static boolean suits(Region region, Instances instances, double minIou) {
    List<Instance> list = instances.list();
    return list.isEmpty()
        || (list.stream().allMatch(instance -> iou(region, instance.box()) >= minIou)
            && list.stream().anyMatch(instance -> holdsMiddle(region, instance.box())));
  }

  static float iou(Region region, Box box) {
    float width =
        Math.min(region.x() + region.width(), box.right()) - Math.max(region.x(), box.left());
    float height =
        Math.min(region.y() + region.height(), box.bottom()) - Math.max(region.y(), box.top());
    float overlap = Math.max(0, width) * Math.max(0, height);
    float union = (float) region.width() * region.height() + box.width() * box.height() - overlap;
    return overlap / Math.max(union, EPSILON);
  }

  private static boolean holdsMiddle(Region region, Box box) {
    float x = (box.left() + box.right()) / 2;
    float y = (box.top() + box.bottom()) / 2;
    return x > region.x()
        && y > region.y()
        && x < region.x() + region.width()
        && y < region.y() + region.height();
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return List.of(Outcome.atMost(picture.size().width(), picture.size().height()));
  }

  @Override
  public Set<TargetKind> kinds() {
    return Set.of(TargetKind.DETECTION);
  }
}
