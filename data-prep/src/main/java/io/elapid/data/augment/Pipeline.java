package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.util.List;

/**
 * Transforms in order.
 *
 * <p>The i-th gets a seed of its own, {@linkplain SplitMix#derive derived} from the sample's and i:
 * changing one transform leaves the draws of the others alone.
 */
public record Pipeline(List<Transform> transforms) {
  public Pipeline {
    transforms = List.copyOf(transforms);
  }

  /**
   * The picture after all transforms.
   *
   * @param seed of the sample at its position in the epoch
   */
  public Annotated apply(Annotated picture, long seed) {
    return applyFrom(0, picture, seed);
  }

  /** The picture after all transforms from {@code first} on. */
  public Annotated applyFrom(int first, Annotated picture, long seed) {
    Annotated result = picture;
    for (int i = first; i < transforms.size(); i++) {
      result = transforms.get(i).apply(result, SplitMix.derive(seed, i));
    }
    return result;
  }

  /** The transforms that cannot be applied to a data set's pictures. */
  public List<Transform> unfit(TargetKind kind) {
    return transforms.stream().filter(t -> !t.kinds().contains(kind)).toList();
  }

  /** The sizes that a picture of the given one may come out with, padding included. */
  public List<Outcome> outcomes(Size picture) {
    return outcomes(List.of(Outcome.exact(picture)));
  }

  List<Outcome> outcomes(List<Outcome> pictures) {
    List<Outcome> now = pictures;
    for (Transform transform : transforms) {
      now = now.stream().flatMap(o -> transform.outcomes(o).stream()).distinct().toList();
    }
    return now;
  }
}
