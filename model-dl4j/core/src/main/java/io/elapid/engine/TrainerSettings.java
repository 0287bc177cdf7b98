package io.elapid.engine;

import io.elapid.graph.ImageClassifier;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;

/**
 * What a {@link Trainer} trains and how.
 *
 * @param imageSize side of the square pictures, in pixels
 * @param samplesPerShard batch of one {@link Trainer#computeShard} call
 * @param seed of the initial weights
 * @param clip what the mean gradient is limited to
 * @param emaDecay decay of the moving average of the weights; 0 turns it off
 * @param rules what is treated differently, and what is frozen
 * @param teaching what is learnt from beside labels
 * @param threads threads that kernels and native operations may use
 */
public record TrainerSettings(
    ImageClassifier model,
    int classes,
    int imageSize,
    int samplesPerShard,
    long seed,
    AdamWSettings optimizer,
    GradientClip.Limits clip,
    double emaDecay,
    ParameterRules rules,
    Teaching teaching,
    int threads) {

  /** All parameters alike, as the published recipes have it, with a limit on the global norm. */
  public TrainerSettings(
      ImageClassifier model,
      int classes,
      int imageSize,
      int samplesPerShard,
      long seed,
      AdamWSettings optimizer,
      double clipNorm,
      double emaDecay,
      int threads) {
    this(
        model,
        classes,
        imageSize,
        samplesPerShard,
        seed,
        optimizer,
        GradientClip.Limits.norm(clipNorm),
        emaDecay,
        ParameterRules.published(),
        new Teaching.None(),
        threads);
  }
}
