package io.elapid.engine;

import io.elapid.graph.ImageClassifier;
import io.elapid.optim.AdamWSettings;

/**
 * What a {@link Trainer} trains and how.
 *
 * @param imageSize side of the square pictures, in pixels
 * @param samplesPerShard batch of one {@link Trainer#computeShard} call
 * @param seed of the initial weights
 * @param clipNorm largest norm of the mean gradient; 0 turns clipping off
 * @param emaDecay decay of the moving average of the weights; 0 turns it off
 * @param threads threads that kernels and native operations may use
 */
public record TrainerSettings(
    ImageClassifier model,
    int classes,
    int imageSize,
    int samplesPerShard,
    long seed,
    AdamWSettings optimizer,
    double clipNorm,
    double emaDecay,
    int threads) {}
