package io.elapid.data.loader;

import io.elapid.data.augment.BatchMix;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.RandomErasing;
import io.elapid.data.augment.Transform;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How samples become batches.
 *
 * @param transforms applied in order; together they must end at imageSize x imageSize
 * @param normalization applied last
 * @param erasing applied to normalised pictures
 * @param mix applied to finished batches of training
 * @param repeats how often a sample is seen in an epoch, which then sees only so many-th part of
 *     the data set (repeated augmentation); 1 for once
 * @param imageSize side of the network's input in pixels
 * @param classes the network's classes, which must be the data set's
 * @param labelSmoothing s in [0, 1): targets are s / K, and 1 - s + s / K for the true class
 * @param seed of sample order and augmentation
 * @param threads that decode
 * @param prefetch batches that are worked on ahead of the consumer
 * @param timeout the longest that one call of next() may take
 * @param maxCorrupt different samples that may turn out unreadable before loading gives up
 */
public record LoaderSettings(
    List<Transform> transforms,
    Normalization normalization,
    Optional<RandomErasing> erasing,
    Optional<BatchMix> mix,
    int repeats,
    int imageSize,
    int classes,
    double labelSmoothing,
    long seed,
    int threads,
    int prefetch,
    Duration timeout,
    int maxCorrupt) {

  /** Settings without erasing, mixing and repeats. */
  public LoaderSettings(
      List<Transform> transforms,
      Normalization normalization,
      int imageSize,
      int classes,
      double labelSmoothing,
      long seed,
      int threads,
      int prefetch,
      Duration timeout,
      int maxCorrupt) {
    this(
        transforms,
        normalization,
        Optional.empty(),
        Optional.empty(),
        1,
        imageSize,
        classes,
        labelSmoothing,
        seed,
        threads,
        prefetch,
        timeout,
        maxCorrupt);
  }

  public LoaderSettings {
    transforms = List.copyOf(transforms);
    Objects.requireNonNull(normalization, "normalization");
    Objects.requireNonNull(erasing, "erasing");
    Objects.requireNonNull(mix, "mix");
    Positive.check("repeats", repeats);
    Positive.check("imageSize", imageSize);
    Positive.check("classes", classes);
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException("labelSmoothing must be in [0, 1): " + labelSmoothing);
    }
    new Background(threads, prefetch, timeout, maxCorrupt);
  }

  Background background() {
    return new Background(threads, prefetch, timeout, maxCorrupt);
  }
}
