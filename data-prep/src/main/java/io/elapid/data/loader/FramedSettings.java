package io.elapid.data.loader;

import io.elapid.data.augment.Pipeline;

/** How pictures that keep sizes of their own become batches. */
public sealed interface FramedSettings permits DetectionSettings, SegmentationSettings {
  Pipeline pipeline();

  /** The most different sizes that batches may have. */
  int frames();

  /** The network's classes, which must be the data set's. */
  int classes();

  /** Of the pictures of a training batch. */
  Grouping grouping();

  /** Of sample order and augmentation. */
  long seed();

  Background background();
}
