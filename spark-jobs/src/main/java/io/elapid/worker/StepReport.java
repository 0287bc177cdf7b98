package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.engine.StepStats;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Reports to the driver every few steps: rank 0 the progress of training, every rank where its time
 * goes.
 */
final class StepReport {
  /** Phases whose time is told, with their names in a line. */
  private static final Map<String, Phase> TOLD = told();

  private final RankContext context;
  private final int attempt;
  private final Recipe recipe;
  private final ToDoubleFunction<Phase> seconds;
  private final LongSupplier bytesSent;
  private final long stepsPerEpoch;
  private final long totalSteps;

  private long since = System.nanoTime();
  private double pausedBefore;
  private int steps;
  private double loss;
  private final Map<String, Double> figures = new LinkedHashMap<>();

  /**
   * @param seconds what this rank has spent in a phase so far
   * @param bytesSent what it has sent so far
   */
  StepReport(
      RankContext context,
      int attempt,
      Recipe recipe,
      ToDoubleFunction<Phase> seconds,
      LongSupplier bytesSent,
      long stepsPerEpoch,
      long totalSteps,
      long firstStep) {
    this.context = context;
    this.attempt = attempt;
    this.recipe = recipe;
    this.seconds = seconds;
    this.bytesSent = bytesSent;
    this.stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = totalSteps;
    this.pausedBefore = paused();
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
    long done = step + 1;
    boolean due =
        done % recipe.log().everySteps() == 0 || done % stepsPerEpoch == 0 || done == totalSteps;
    if (!due) {
      return;
    }
    times(done);
    if (context.rank() == 0) {
      progress(step, stats, learningRate);
    }
    steps = 0;
    loss = 0;
    figures.clear();
    since = System.nanoTime();
    pausedBefore = paused();
  }

  /** Tells where this rank's time has gone since the attempt began, in a run of so many updates. */
  void times(long done) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("attempt", attempt);
    event.put("rank", context.rank());
    event.put("step", done);
    TOLD.forEach((name, phase) -> event.put(name, seconds.applyAsDouble(phase)));
    RunEvents.send(RunEvents.RANK_TIMES, event);
  }

  /** Seconds so far in which no step was on its way. */
  private double paused() {
    return seconds.applyAsDouble(Phase.EVALUATE) + seconds.applyAsDouble(Phase.CHECKPOINT);
  }

  private void progress(long step, StepStats stats, double learningRate) {
    double elapsed = (System.nanoTime() - since) / 1e9 - (paused() - pausedBefore);
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("step", step + 1);
    event.put("epoch", step / stepsPerEpoch);
    event.put("total_steps", totalSteps);
    event.put("loss", loss / steps);
    figures.forEach((name, sum) -> event.put(name, sum / steps));
    event.put("lr", learningRate);
    event.put("grad_norm", stats.gradNorm());
    event.put("samples_per_second", steps * (double) recipe.batch().stepSize() / elapsed);
    TOLD.forEach((name, phase) -> event.put(name, seconds.applyAsDouble(phase)));
    event.put("bytes_sent", bytesSent.getAsLong());
    RunEvents.send("step", event);
  }

  private static Map<String, Phase> told() {
    Map<String, Phase> names = new LinkedHashMap<>();
    names.put("data_seconds", Phase.DATA);
    names.put("compute_seconds", Phase.COMPUTE);
    names.put("sync_seconds", Phase.SYNC);
    names.put("update_seconds", Phase.UPDATE);
    names.put("evaluate_seconds", Phase.EVALUATE);
    names.put("checkpoint_seconds", Phase.CHECKPOINT);
    return names;
  }
}
