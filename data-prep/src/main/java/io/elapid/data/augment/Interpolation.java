package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Resize;

/** How a transform resizes; {@link #RANDOM} draws one of the others for every picture. */
public enum Interpolation {
  BILINEAR,
  BICUBIC,
  RANDOM;

  Resize.Filter filter(SplitMix random) {
    return switch (this) {
      case BILINEAR -> Resize.Filter.BILINEAR;
      case BICUBIC -> Resize.Filter.BICUBIC;
      case RANDOM -> random.nextInt(2) == 0 ? Resize.Filter.BILINEAR : Resize.Filter.BICUBIC;
    };
  }
}
