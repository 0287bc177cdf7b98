package io.elapid.worker;

import io.elapid.collective.Collective;
import io.elapid.config.Recipe;
import io.elapid.engine.StepStats;
import java.util.LinkedHashMap;
import java.util.Map;

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
  private final Map<String, Double> figures = new LinkedHashMap<>();

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
    stats.figures().forEach((name, value) -> figures.merge(name, value, Double::sum));
    boolean due = (step + 1) % recipe.log().everySteps() == 0 || (step + 1) % stepsPerEpoch == 0;
    if (context.rank() != 0 || !due) {
      return;
    }
    double seconds = (System.nanoTime() - since) / 1e9;
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("step", step + 1);
    event.put("epoch", step / stepsPerEpoch);
    event.put("total_steps", totalSteps);
    event.put("loss", loss / steps);
    figures.forEach((name, sum) -> event.put(name, sum / steps));
    event.put("lr", learningRate);
    event.put("grad_norm", stats.gradNorm());
    event.put("samples_per_second", steps * (double) recipe.batch().stepSize() / seconds);
    event.put("data_seconds", clock.seconds(Phase.DATA));
    event.put("compute_seconds", clock.seconds(Phase.COMPUTE));
    event.put("sync_seconds", clock.seconds(Phase.SYNC));
    event.put("update_seconds", clock.seconds(Phase.UPDATE));
    event.put("evaluate_seconds", clock.seconds(Phase.EVALUATE));
    event.put("checkpoint_seconds", clock.seconds(Phase.CHECKPOINT));
    event.put("bytes_sent", collective.bytesSent());
    RunEvents.send("step", event);
    steps = 0;
    loss = 0;
    figures.clear();
    since = System.nanoTime();
  }
}
