package io.elapid.engine;

import io.elapid.graph.Slot;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.optim.AdamW;
import io.elapid.optim.Ema;
import io.elapid.optim.FlatVector;
import io.elapid.optim.GradientClip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * What every rank does alike with the sum over all shards: mean, clipping, AdamW, running
 * statistics, moving average.
 */
final class Update {
  private final TrainerSettings<?> settings;
  private final TrainingState state;
  private final StepLayout layout;
  private final AdamW optimizer;
  private final List<OptimizerKernel.Units> units;
  private final List<Stretch> statistics;
  private final List<Slot> parameters;
  private final RestingTensors resting;
  private boolean describing;
  private List<GradientHistogram> described = List.of();

  /**
   * @param state changed by every update; owned by the caller
   */
  Update(
      TrainerSettings<?> settings,
      Blueprint blueprint,
      TrainingState state,
      StepLayout layout,
      RestingTensors resting) {
    this.settings = settings;
    this.state = state;
    this.layout = layout;
    this.optimizer =
        new AdamW(
            settings.optimizer(),
            settings.rules().ranges(blueprint.table()),
            state.firstMoment(),
            state.secondMoment());
    this.units = settings.rules().units(blueprint.table());
    this.statistics = Stretch.ofStatistics(blueprint);
    this.parameters = blueprint.table().parameters();
    this.resting = resting;
  }

  /** See {@link Trainer#apply}. */
  StepStats apply(OptimizerKernel kernel, ByteBuffer summed, int shards, double learningRate) {
    ByteBuffer sum = summed.duplicate().clear().order(ByteOrder.nativeOrder());
    if (sum.limit() < layout.length() * Float.BYTES || shards < 1) {
      throw new IllegalArgumentException(
          "%d shards in a vector of %d bytes; %d numbers needed"
              .formatted(shards, sum.limit(), layout.length()));
    }
    FlatVector gradients = part(sum, 0, layout.gradients());
    double norm = GradientClip.norm(kernel, gradients) / shards;
    StepStats stats = layout.stats(sum.asFloatBuffer(), shards, norm);
    requireFinite("loss", stats.loss());
    requireFinite("norm of the gradient", norm);
    described =
        describing
            ? GradientHistogram.of(parameters, sum.asFloatBuffer(), 1.0 / shards)
            : List.of();
    describing = false;
    double scale = GradientClip.coefficient(norm, settings.clip().norm()) / shards;
    if (settings.clip().adaptive() > 0) {
      GradientClip.adapt(
          kernel, state.weights(), gradients, units, settings.clip().adaptive(), scale);
    }
    optimizer.update(
        kernel, new AdamW.Step(state.weights(), gradients, scale, learningRate, weightAverage()));
    moveStatistics(kernel, sum, shards);
    resting.moveAverages(kernel);
    return stats;
  }

  private void moveStatistics(OptimizerKernel kernel, ByteBuffer sum, int shards) {
    for (Stretch moving : statistics) {
      FlatVector running = state.buffers(moving);
      FlatVector batch = part(sum, layout.gradients() + moving.from(), moving.length());
      kernel.blend(running.tensor(), moving.kept(), batch.tensor(), (1 - moving.kept()) / shards);
      if (settings.emaDecay() > 0) {
        new Ema(settings.emaDecay()).update(kernel, state.averageBuffers(moving), running);
      }
    }
  }

  /** Updates done so far, wherever they were made. */
  long steps() {
    return optimizer.steps();
  }

  void resumeAt(long steps) {
    optimizer.resumeAt(steps);
  }

  void describeGradients() {
    describing = true;
  }

  List<GradientHistogram> gradients() {
    return described;
  }

  private static FlatVector part(ByteBuffer vector, long from, long length) {
    int start = Math.toIntExact(from * Float.BYTES);
    return FlatVector.floats(vector.slice(start, Math.toIntExact(length * Float.BYTES)));
  }

  private Optional<AdamW.Average> weightAverage() {
    return settings.emaDecay() > 0
        ? Optional.of(new AdamW.Average(state.averageWeights(), new Ema(settings.emaDecay())))
        : Optional.empty();
  }

  private void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new DivergenceException(
          "the %s is %s at step %d".formatted(what, value, optimizer.steps()));
    }
  }
}
