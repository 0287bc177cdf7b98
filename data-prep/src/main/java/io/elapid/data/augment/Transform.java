package io.elapid.data.augment;

import io.elapid.data.image.Image;

/**
 * One step from a decoded picture to the network's input.
 *
 * <p>Implementations are immutable and safe for concurrent use; the same picture and seed always
 * give the same result, and the given picture is never changed.
 */
public sealed interface Transform
    permits RandomResizedCrop,
        HorizontalFlip,
        ResizeShortSide,
        CenterCrop,
        ColorJitter,
        RandAugment {

  /**
   * The transformed picture.
   *
   * @param seed fixes every random choice; transforms without chance ignore it
   */
  Image apply(Image image, long seed);
}
