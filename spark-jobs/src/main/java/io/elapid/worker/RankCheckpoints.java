package io.elapid.worker;

import io.elapid.checkpoint.BackgroundCheckpoints;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.Provenance;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.engine.Trainer;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** When and how a rank saves the run; only rank 0 writes, since all ranks have the same weights. */
final class RankCheckpoints implements AutoCloseable {
  private final TrainTask task;
  private final RankContext context;
  private final Recipe recipe;
  private final Manifest manifest;
  private final Trainer<?> trainer;
  private final BestResult best;
  private final BackgroundCheckpoints writer;
  private long saved = -1;
  private Measured measured;

  /** What an evaluation has made of the weights after so many steps. */
  private record Measured(long step, Map<String, Double> measures) {}

  /**
   * @param from the checkpoint that the run goes on from
   */
  RankCheckpoints(
      TrainTask task,
      RankContext context,
      Manifest manifest,
      Trainer<?> trainer,
      BestResult best,
      Optional<CheckpointMeta> from)
      throws IOException {
    this.task = task;
    this.context = context;
    this.recipe = task.parsedRecipe();
    this.manifest = manifest;
    this.trainer = trainer;
    this.best = best;
    this.measured =
        from.map(meta -> new Measured(meta.step(), meta.metrics()))
            .orElse(new Measured(0, Map.of()));
    this.writer =
        new BackgroundCheckpoints(
            new CheckpointStore(
                task.configuration(), new Path(task.checkpoints()), Optional.of(task.fence())),
            new BackgroundCheckpoints.Settings(
                best.retention(recipe.checkpoint().keep()),
                recipe.checkpoint().timeout(),
                recipe.checkpoint().maxFailures()),
            new Told());
  }

  /**
   * Fails if the steps before a checkpoint were of longer or shorter epochs than now: the schedule
   * would go on somewhere else.
   *
   * @throws InputException which says what epochs depend on
   */
  static void requireSameEpochs(CheckpointMeta from, long stepsPerEpoch) {
    long epochs = from.step() / stepsPerEpoch;
    if (epochs != from.epoch()) {
      throw new InputException(
          "the %,d steps that this run has done were %,d epochs, and are %,d of %,d steps each now"
              .formatted(from.step(), from.epoch(), epochs, stepsPerEpoch),
          "go on with the pictures (data.path, data.train-split) and the batch.shards that began this"
              + " run, or start from its weights (model.weights) in another output folder");
    }
  }

  /** Whether the recipe wants a checkpoint after that many steps, whatever the epoch. */
  boolean dueAt(long step) {
    int every = recipe.checkpoint().everySteps();
    return every > 0 && step % every == 0;
  }

  /**
   * Whether there can be a checkpoint of this step without keeping the other ranks from their next
   * sum for longer than they wait. Says so where there cannot: a file system that hangs costs the
   * run some checkpoints, and only after checkpoint.timeout the attempt.
   */
  boolean ready(long step, long epoch) throws InterruptedException {
    if (context.rank() != 0 || writer.ready(recipe.cluster().stepTimeout().dividedBy(2))) {
      return true;
    }
    failed(step, epoch, "that of step %,d is still being written".formatted(saved));
    return false;
  }

  private static void failed(long step, long epoch, String message) {
    RunEvents.send("checkpoint_failed", "epoch", epoch, "step", step, "message", message);
  }

  /** Takes note of the result of the weights after so many steps, for their checkpoint. */
  void measured(long step, Map<String, Double> measures) {
    measured = new Measured(step, measures);
  }

  /** The result of exactly these weights; empty if they have not been evaluated. */
  Map<String, Double> measures(long step) {
    return step == measured.step() ? measured.measures() : Map.of();
  }

  /**
   * Copies the state of the run and has it written.
   *
   * @param step updates done so far
   * @param epoch whole epochs done so far
   * @param more state than the trainer has
   */
  void save(long step, long epoch, List<NamedTensor> more) throws InterruptedException {
    if (context.rank() != 0 || step == saved) {
      return;
    }
    CheckpointMeta meta =
        new CheckpointMeta(
            recipe.model().name(),
            manifest.classes().size(),
            recipe.model().imageSize(),
            step,
            epoch,
            manifest.classes(),
            Provenance.here(
                Clock.systemUTC(),
                Map.of(
                    "run",
                    task.runId(),
                    "dataset",
                    recipe.data().requirePath(),
                    "ranks",
                    Integer.toString(context.size()))),
            task.recipe(),
            measures(step));
    List<NamedTensor> state = new ArrayList<>(trainer.state());
    state.addAll(best.state());
    state.addAll(more);
    writer.submit(meta, trainer.model(), trainer.ema(), state);
    saved = step;
  }

  /** Throws if writing fails or takes too long. */
  void check() throws InterruptedException {
    writer.check();
  }

  /** Waits for what is being written. */
  void finish() throws InterruptedException {
    writer.finish();
  }

  /** Is called by the thread that writes. */
  private static final class Told implements BackgroundCheckpoints.Listener {
    @Override
    public void written(CheckpointMeta meta, String path, Duration time) {
      RunEvents.send(
          "checkpoint",
          "epoch",
          meta.epoch(),
          "step",
          meta.step(),
          "path",
          path,
          "seconds",
          time.toMillis() / 1e3);
    }

    @Override
    public void failed(CheckpointMeta meta, Exception cause) {
      RankCheckpoints.failed(meta.step(), meta.epoch(), RunEvents.describe(cause));
    }
  }

  @Override
  public void close() {
    writer.close();
  }
}
