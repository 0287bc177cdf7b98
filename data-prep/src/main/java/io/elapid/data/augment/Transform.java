package io.elapid.data.augment;

import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Set;

/**
 * One step from a decoded picture to the network's input; what is to be learnt from the picture
 * goes along.
 *
 * <p>Implementations are immutable and safe for concurrent use; the same picture and seed always
 * give the same result, and the given picture is never changed.
 */
public sealed interface Transform
    permits PictureTransform,
        HorizontalFlip,
        KeepRatioResize,
        RatioRangeResize,
        MultipleResize,
        SquareResize,
        RandomChoice,
        RangeCrop,
        MinIouCrop,
        Expand,
        PhotometricDistortion,
        BytePhotometricDistortion,
        ReduceZeroLabel,
        RandomCrop,
        Pad {

  /**
   * The transformed picture.
   *
   * @param seed fixes every random choice; transforms without chance ignore it
   */
  Annotated apply(Annotated picture, long seed);

  /** The kinds of data sets whose pictures it can be applied to. */
  Set<TargetKind> kinds();

  /**
   * The sizes that may come out, about equally often, of a picture of the given one; what does not
   * fit into any of them cannot come out.
   */
  default List<Outcome> outcomes(Outcome picture) {
    return List.of(picture);
  }
}
