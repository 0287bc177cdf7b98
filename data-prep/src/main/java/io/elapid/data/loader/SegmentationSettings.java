package io.elapid.data.loader;

import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.Pipeline;

/**
 * How pictures with a label map become batches.
 *
 * @param normalization applied after the pipeline
 * @param frames the most different sizes that batches may have
 * @param classes the network's classes, which must be the data set's
 * @param seed of sample order and augmentation
 */
public record SegmentationSettings(
    Pipeline pipeline,
    Normalization normalization,
    int frames,
    int classes,
    long seed,
    Background background)
    implements FramedSettings {
  public SegmentationSettings {
    Positive.check("frames", frames);
    Positive.check("classes", classes);
  }

  /** Crops make all pictures alike. */
  @Override
  public Grouping grouping() {
    return Grouping.NONE;
  }
}
