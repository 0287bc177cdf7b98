package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.BatchMoments;
import io.elapid.op.BatchNorm;
import io.elapid.op.BatchNormInference;
import io.elapid.op.ChannelMoments;
import io.elapid.op.ShortcutNorm;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Batch norm over channels, with an optional fused activation. Parameters {@code weight}, {@code
 * bias}; buffers {@code running_mean}, {@code running_var}.
 *
 * <p>PyTorch's {@code num_batches_tracked} is not part of the model: it only matters for cumulative
 * averages, which no published recipe uses, and PyTorch supplies it itself when it loads a plain
 * state dictionary without it.
 */
public final class BatchNormalization {
  static final double EPSILON = 1e-5;

  private static final Settings USUAL = new Settings(EPSILON, Scope.MOMENTUM);

  private BatchNormalization() {}

  /**
   * What is seldom other than usual; other ones are not folded into convolutions.
   *
   * @param epsilon added to variances
   * @param momentum share of a step's statistics in the running ones
   */
  public record Settings(double epsilon, double momentum) {}

  /** Normalises {@code x} (B, C) or (B, C, ...) by settings of its own. */
  public static SDVariable apply(
      Scope scope, SDVariable x, long channels, Settings settings, ActivationKind activation) {
    return apply(scope, x, channels, settings, Initializer.one(), activation);
  }

  /** Normalises {@code x} (B, C) or (B, C, ...). */
  public static SDVariable apply(Scope scope, SDVariable x, long channels) {
    return apply(scope, x, channels, Initializer.one(), ActivationKind.IDENTITY);
  }

  static SDVariable apply(
      Scope scope, SDVariable x, long channels, Initializer scale, ActivationKind activation) {
    return apply(scope, x, channels, USUAL, scale, activation);
  }

  private static SDVariable apply(
      Scope scope,
      SDVariable x,
      long channels,
      Settings settings,
      Initializer scale,
      ActivationKind activation) {
    ShortcutNorm.Norm by = parameters(scope, channels, scale);
    return scope.normsByBatch()
        ? byBatch(scope, x, by.gamma(), by.beta(), settings, activation)
        : byRunning(scope, x, by.gamma(), by.beta(), settings, activation);
  }

  static ShortcutNorm.Norm parameters(Scope scope, long channels, Initializer scale) {
    SDVariable gamma = scope.parameter("weight", scale, channels);
    return new ShortcutNorm.Norm(gamma, scope.parameter("bias", Initializer.zero(), channels));
  }

  /** Lets the running statistics follow those of a batch. */
  static void follow(
      Scope scope, SDVariable mean, SDVariable variance, double momentum, long channels) {
    scope.batchStatistic("running_mean", momentum, Initializer.zero(), mean, channels);
    scope.batchStatistic("running_var", momentum, Initializer.one(), variance, channels);
  }

  private static SDVariable byBatch(
      Scope scope,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      Settings settings,
      ActivationKind activation) {
    long channels = gamma.getShape()[0];
    Normed normed =
        switch (scope.statistics()) {
          case SHARD -> ofShard(scope.graph(), x, gamma, beta, settings.epsilon(), activation);
          case BATCH -> ofBatch(scope.graph(), x, gamma, beta, settings.epsilon(), activation);
        };
    follow(scope, normed.mean(), normed.variance(), settings.momentum(), channels);
    return tapped(scope, normed.y(), activation);
  }

  /** The result, and what moves the running statistics. */
  private record Normed(SDVariable y, SDVariable mean, SDVariable variance) {}

  private static Normed ofShard(
      SameDiff graph,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      double epsilon,
      ActivationKind activation) {
    BatchNorm.Outputs out = BatchNorm.apply(graph, x, gamma, beta, epsilon, activation);
    return new Normed(out.y(), out.mean(), out.variance());
  }

  private static Normed ofBatch(
      SameDiff graph,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      double epsilon,
      ActivationKind activation) {
    BatchMoments.Outputs all = BatchMoments.apply(graph, ChannelMoments.apply(graph, x));
    SDVariable y =
        BatchNormInference.apply(
            graph, x, gamma, beta, all.mean(), all.variance(), epsilon, activation);
    return new Normed(y, all.mean(), all.unbiased());
  }

  private static SDVariable byRunning(
      Scope scope,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      Settings settings,
      ActivationKind activation) {
    long channels = gamma.getShape()[0];
    SDVariable mean = scope.buffer("running_mean", Initializer.zero(), channels);
    SDVariable variance = scope.buffer("running_var", Initializer.one(), channels);
    SDVariable y =
        BatchNormInference.apply(
            scope.graph(), x, gamma, beta, mean, variance, settings.epsilon(), activation);
    return tapped(scope, y, activation);
  }

  private static SDVariable tapped(Scope scope, SDVariable y, ActivationKind activation) {
    if (activation == ActivationKind.IDENTITY) {
      scope.tap(y);
    }
    return y;
  }
}
