package io.elapid.data.augment;

import io.elapid.data.image.Image;
import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.util.Set;

/** A transform of pictures that show one thing wherever in them: only the pixels matter. */
public sealed interface PictureTransform extends Transform
    permits RandomResizedCrop, ResizeShortSide, CenterCrop, ColorJitter, RandAugment {

  /** The transformed picture. */
  Image apply(Image image, long seed);

  @Override
  default Annotated apply(Annotated picture, long seed) {
    Image image = apply(picture.image(), seed);
    return picture.recolored(image).withGeometry(picture.geometry().framed(Size.of(image)));
  }

  @Override
  default Set<TargetKind> kinds() {
    return Set.of(TargetKind.CLASSIFICATION);
  }
}
