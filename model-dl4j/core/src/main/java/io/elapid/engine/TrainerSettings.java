package io.elapid.engine;

import io.elapid.data.loader.Batch;
import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.BatchStatistics;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What a {@link Trainer} trains and how.
 *
 * @param usual frame of most {@link Trainer#computeShard} calls; its batch is that of all
 * @param seed of the initial weights
 * @param clip what the mean gradient is limited to
 * @param emaDecay decay of the moving average of the weights; 0 turns it off
 * @param rules what is treated differently, and what is frozen
 * @param statistics what batch norms take their statistics of
 * @param recomputation what is computed anew on the way back
 * @param frames that it stays compiled for; each holds its inputs and outputs
 * @param threads threads that kernels and native operations may use
 */
public record TrainerSettings<B extends ImageBatch>(
    Network<B> network,
    Frame usual,
    long seed,
    AdamWSettings optimizer,
    GradientClip.Limits clip,
    double emaDecay,
    ParameterRules rules,
    BatchStatistics statistics,
    Recomputation recomputation,
    int frames,
    int threads) {
  private static final int USUAL_FRAMES = 16;

  /** Where each shard is normalised by itself, in the least memory. */
  public TrainerSettings(
      Network<B> network,
      Frame usual,
      long seed,
      AdamWSettings optimizer,
      GradientClip.Limits clip,
      double emaDecay,
      ParameterRules rules,
      int threads) {
    this(
        network,
        usual,
        seed,
        optimizer,
        clip,
        emaDecay,
        rules,
        BatchStatistics.SHARD,
        Recomputation.MAPS,
        USUAL_FRAMES,
        threads);
  }

  /** The same with other statistics. */
  public TrainerSettings<B> with(BatchStatistics other) {
    return new TrainerSettings<>(
        network,
        usual,
        seed,
        optimizer,
        clip,
        emaDecay,
        rules,
        other,
        recomputation,
        frames,
        threads);
  }

  /** The same with other maps kept. */
  public TrainerSettings<B> with(Recomputation other) {
    return new TrainerSettings<>(
        network, usual, seed, optimizer, clip, emaDecay, rules, statistics, other, frames, threads);
  }

  /** The same for batches in so many frames. */
  public TrainerSettings<B> withFrames(int other) {
    return new TrainerSettings<>(
        network,
        usual,
        seed,
        optimizer,
        clip,
        emaDecay,
        rules,
        statistics,
        recomputation,
        other,
        threads);
  }

  /**
   * A classifier, all parameters alike, as the published recipes have it, with a limit on the
   * global norm.
   */
  public static TrainerSettings<Batch> classifier(
      ImageClassifier model,
      int classes,
      int imageSize,
      int samplesPerShard,
      long seed,
      AdamWSettings optimizer,
      double clipNorm,
      double emaDecay,
      int threads) {
    return new TrainerSettings<>(
        new Classifier(model, classes),
        Frame.square(samplesPerShard, imageSize),
        seed,
        optimizer,
        GradientClip.Limits.norm(clipNorm),
        emaDecay,
        ParameterRules.published(),
        threads);
  }

  /** The graph that is trained, in a frame; needs a backend. */
  Blueprint blueprint(Frame frame) {
    Scope scope =
        Scope.root(SameDiff.create(), DataType.FLOAT, Mode.TRAIN, rules.freezing(), statistics);
    return Blueprint.learning(network, frame, scope).with(recomputation.rewrites());
  }
}
