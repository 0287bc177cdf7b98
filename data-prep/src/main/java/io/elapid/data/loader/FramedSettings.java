package io.elapid.data.loader;

import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.Pipeline;

/**
 * How pictures that keep sizes of their own become batches.
 *
 * @param normalization applied after the pipeline
 * @param grouping of the pictures of a training batch
 * @param frames the most different sizes that batches may have
 * @param classes the network's classes, which must be the data set's
 * @param seed of sample order and augmentation
 */
public record FramedSettings(
    Pipeline pipeline,
    Normalization normalization,
    Grouping grouping,
    int frames,
    int classes,
    long seed,
    Background background) {
  public FramedSettings {
    Positive.check("frames", frames);
    Positive.check("classes", classes);
  }
}
