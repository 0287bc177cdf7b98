package io.elapid.worker;

import io.elapid.collective.Collective;
import io.elapid.config.Recipe;
import io.elapid.engine.StepStats;

/** Reports progress to the driver every few steps; only rank 0 speaks. */
final class StepReport {
  private final RankContext context;
  private final Recipe recipe;
  private final PhaseClock clock;
  private final Collective collective;
  private final long stepsPerEpoch;
  private final long totalSteps;

  private long since = System.nanoTime();
  private int steps;
  private double loss;
  private double top1;

  StepReport(
      RankContext context,
      Recipe recipe,
      PhaseClock clock,
      Collective collective,
      long stepsPerEpoch,
      long totalSteps,
      long firstStep) {
    this.context = context;
    this.recipe = recipe;
    this.clock = clock;
    this.collective = collective;
    this.stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = totalSteps;
    if (context.rank() == 0) {
      RunEvents.send(
          "start",
          "ranks",
          context.size(),
          "step",
          firstStep,
          "steps_per_epoch",
          stepsPerEpoch,
          "total_steps",
          totalSteps,
          "batch",
          recipe.batch().stepSize());
    }
  }

  void step(long step, StepStats stats, double learningRate) {
    steps++;
    loss += stats.loss();
    top1 += stats.top1();
    boolean due = (step + 1) % recipe.log().everySteps() == 0 || (step + 1) % stepsPerEpoch == 0;
    if (context.rank() != 0 || !due) {
      return;
    }
    double seconds = (System.nanoTime() - since) / 1e9;
    RunEvents.send(
        "step",
        "step",
        step + 1,
        "epoch",
        step / stepsPerEpoch,
        "total_steps",
        totalSteps,
        "loss",
        loss / steps,
        "top1",
        top1 / steps,
        "lr",
        learningRate,
        "grad_norm",
        stats.gradNorm(),
        "samples_per_second",
        steps * (double) recipe.batch().stepSize() / seconds,
        "data_seconds",
        clock.seconds(Phase.DATA),
        "compute_seconds",
        clock.seconds(Phase.COMPUTE),
        "sync_seconds",
        clock.seconds(Phase.SYNC),
        "update_seconds",
        clock.seconds(Phase.UPDATE),
        "evaluate_seconds",
        clock.seconds(Phase.EVALUATE),
        "checkpoint_seconds",
        clock.seconds(Phase.CHECKPOINT),
        "bytes_sent",
        collective.bytesSent());
    steps = 0;
    loss = 0;
    top1 = 0;
    since = System.nanoTime();
  }
}
