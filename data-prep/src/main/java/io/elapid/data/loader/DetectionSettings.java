package io.elapid.data.loader;

import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.target.Instances;

/**
 * How pictures with objects become batches.
 *
 * @param normalization applied after the pipeline
 * @param parts of the objects that are learnt
 * @param grouping of the pictures of a training batch
 * @param frames the most different sizes that batches may have
 * @param classes the network's classes, which must be the data set's
 * @param seed of sample order and augmentation
 */
public record DetectionSettings(
    Pipeline pipeline,
    Normalization normalization,
    Instances.Parts parts,
    Grouping grouping,
    int frames,
    int classes,
    long seed,
    Background background)
    implements FramedSettings {
  public DetectionSettings {
    Positive.check("frames", frames);
    Positive.check("classes", classes);
  }
}
