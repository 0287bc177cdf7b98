package io.elapid.worker;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.config.Recipe;
import io.elapid.data.shard.Manifest;
import io.elapid.dl4j.AveragingRounds;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.optim.Schedule;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An attempt at a run whose ranks DL4J averages: the loop is in the driver, which has the state
 * between two rounds, evaluates and saves it.
 */
final class AveragingLoop implements EpochEnd.Weights, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AveragingLoop.class);

  private final JavaSparkContext spark;
  private final TrainTask task;
  private final BooleanSupplier stop;
  private final Runnable cancel;
  private final Recipe recipe;
  private final Configuration hadoop;
  private final int ranks;
  private final AveragingTask averaging;
  private final DriverContext context;
  private final PhaseClock clock = new PhaseClock();
  private final BestResult best;
  private final RoundBook book;

  private Scoring scoring;
  private RankNetwork<?> network;
  private RankCheckpoints checkpoints;
  private AveragingRounds rounds;
  private ByteBuffer state;
  private EpochEnd epochs;
  private List<StepReport> reports;
  private Schedule schedule;
  private Optional<CheckpointMeta> resumed = Optional.empty();
  private long stepsPerEpoch;
  private long step;
  private long sent;

  AveragingLoop(
      JavaSparkContext spark, int ranks, TrainTask task, BooleanSupplier stop, Runnable cancel) {
    this.spark = spark;
    this.task = task;
    this.stop = stop;
    this.cancel = cancel;
    this.recipe = task.parsedRecipe();
    this.hadoop = task.configuration();
    this.ranks = ranks;
    this.averaging = new AveragingTask(task, ranks);
    this.context = context(0);
    this.best = new BestResult(recipe);
    this.book = new RoundBook(task.attempt(), ranks, this::report);
  }

  private DriverContext context(int rank) {
    return new DriverContext(rank, ranks, spark.sc().conf().get("spark.driver.host", "localhost"));
  }

  /** Trains to the end and returns the last evaluation as JSON. */
  String train() throws Exception {
    try {
      open();
      SplitScore last = owed().orElse(null);
      while (step < schedule.totalSteps() && !best.exhausted()) {
        if (stop.getAsBoolean()) {
          throw stopped();
        }
        round((int) (roundEnd() - step));
        checkpoints.check();
        if (endsEpoch(step)) {
          last = epochs.reached(epoch(step), step).orElse(last);
        } else if (checkpoints.dueAt(step)) {
          save();
        }
      }
      SplitScore end = last == null ? evaluate(epoch(step)) : last;
      clock.enter(Phase.CHECKPOINT);
      checkpoints.finish();
      return end.encode();
    } catch (RoundException ofRanks) {
      // they have said so themselves
      throw ofRanks.failure();
    } catch (StoppedException asked) {
      throw asked;
    } catch (Exception | OutOfMemoryError mine) {
      RunEvents.failure(task.attempt(), context, step, clock.current(), mine, List.of());
      MemoryAdvice.in(clock.current()).throwInstead(mine);
      throw mine;
    }
  }

  /** The evaluation that was given up when the run was stopped. */
  private Optional<SplitScore> owed() throws Exception {
    return resumed.isPresent() && endsEpoch(step)
        ? epochs.resumed(epoch(step), step)
        : Optional.empty();
  }

  private void open() throws Exception {
    clock.enter(Phase.RESTORE);
    Manifest manifest = TrainingSetup.manifest(hadoop, recipe.data());
    int classes = manifest.classes().size();
    scoring = Scoring.of(recipe, classes);
    network = RankNetwork.open(hadoop, recipe, classes);
    start(classes);
    checkpoints = new RankCheckpoints(task, context, manifest, network.trainer(), best, resumed);
    int length = network.trainer().averagedLength();
    state = StepSync.floats(length);
    rounds = new AveragingRounds(spark, ranks, length, recipe.sync().every(), averaging);
    network.trainer().averagingShare(1, state);
    rounds.load(state);
    long from = step;
    AveragingTask shipped = averaging;
    stepsPerEpoch =
        onRanks(
                () ->
                    Placement.ranks(spark.sc(), ranks, Map.of())
                        .map(rank -> shipped.open(rank, from))
                        .collect())
            .get(0);
    resumed.ifPresent(meta -> RankCheckpoints.requireSameEpochs(meta, stepsPerEpoch));
    schedule = LearningRate.of(recipe, stepsPerEpoch);
    epochs = new EpochEnd(recipe, context, best, checkpoints, schedule.totalSteps(), this);
    reports =
        IntStream.range(0, ranks)
            .mapToObj(
                rank ->
                    new StepReport(
                        context(rank),
                        task.attempt(),
                        recipe,
                        phase -> seconds(rank, phase),
                        () -> sent,
                        stepsPerEpoch,
                        schedule.totalSteps(),
                        from))
            .toList();
    book.goOn(step);
  }

  private void start(int classes) throws Exception {
    if (task.resume() != null) {
      Checkpoint saved =
          stored(
              "reading " + task.resume(),
              () -> CheckpointStore.read(hadoop, new Path(task.resume())));
      network.restore(saved);
      best.restore(saved.state());
      resumed = Optional.of(saved.meta());
      step = saved.meta().step();
      LOG.info("going on at step {} from {}", step, task.resume());
    } else if (recipe.model().weights().isPresent()) {
      Trainer<?> trainer = network.trainer();
      trainer.load(
          stored(
              "reading " + recipe.model().weights().get(),
              () -> StartingWeights.load(hadoop, recipe, classes, trainer.model())));
    }
  }

  private <T> T stored(String what, Callable<T> body) throws Exception {
    return Deadline.call(recipe.checkpoint().timeout(), what, "checkpoint.timeout", body);
  }

  /** Where the ranks are averaged next: at the latest where the weights are wanted. */
  private long roundEnd() {
    long end = Math.min(step + recipe.sync().every(), schedule.totalSteps());
    for (long at = step + 1; at < end; at++) {
      if (endsEpoch(at) ? epochs.settles(epoch(at), at) : checkpoints.dueAt(at)) {
        return at;
      }
    }
    return end;
  }

  private boolean endsEpoch(long at) {
    return at % stepsPerEpoch == 0 || at == schedule.totalSteps();
  }

  /** Number of the epoch that a step ends, or lies in. */
  private long epoch(long at) {
    return (at + stepsPerEpoch - 1) / stepsPerEpoch;
  }

  private void round(int steps) throws Exception {
    clock.enter(Phase.SYNC);
    onRanks(
        () -> {
          rounds.run(Placement.ranks(spark.sc(), ranks, book.places()), step, steps);
          return null;
        });
    step += steps;
    sent += state.capacity();
    book.goOn(step);
    rounds.store(state);
    network.trainer().loadAverage(state, step);
    network.trainer().averagingShare(1, state);
    rounds.load(state);
  }

  private <T> T onRanks(Callable<T> jobs) throws Exception {
    return onRanks(() -> false, jobs);
  }

  /**
   * @param unwanted whether the run is to be saved and to end without the result
   */
  private <T> T onRanks(BooleanSupplier unwanted, Callable<T> jobs) throws Exception {
    Duration limit = recipe.cluster().slotsTimeout().plus(recipe.cluster().stepTimeout());
    try (RoundWatch watch = new RoundWatch(book, limit, unwanted, cancel)) {
      try {
        return jobs.call();
      } catch (Exception e) {
        if (watch.dropped()) {
          throw stopped();
        }
        throw new RoundException(watch.cause(e));
      }
    }
  }

  /** A failure of the ranks, or of Spark with them. */
  private static final class RoundException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Exception failure;

    RoundException(Exception failure) {
      super(failure);
      this.failure = failure;
    }

    Exception failure() {
      return failure;
    }
  }

  private void report(long done, StepStats mean) {
    reports.forEach(report -> report.step(done, mean, schedule.learningRate(done)));
  }

  /** What is not a rank's own time in a round went into averaging. */
  private double seconds(int rank, Phase phase) {
    BusySeconds busy = book.busy(rank);
    return switch (phase) {
      case DATA -> busy.data();
      case COMPUTE -> busy.compute();
      case UPDATE -> busy.update();
      case SYNC -> Math.max(0, inRounds() - busy.all());
      default -> clock.seconds(phase);
    };
  }

  private double inRounds() {
    double present = clock.current() == Phase.SYNC ? clock.stay().toNanos() / 1e9 : 0;
    return clock.seconds(Phase.SYNC) + present;
  }

  @Override
  public void settle() {
    // rounds end where weights are wanted
  }

  @Override
  public SplitScore evaluate(long epoch) throws Exception {
    clock.enter(Phase.EVALUATE);
    byte[] bytes = new byte[state.capacity()];
    state.duplicate().clear().get(bytes);
    Broadcast<byte[]> weights = spark.broadcast(bytes);
    try {
      long at = step;
      AveragingTask shipped = averaging;
      List<String> shares =
          onRanks(
              stop,
              () ->
                  Placement.ranks(spark.sc(), ranks, book.places())
                      .map(rank -> shipped.evaluate(rank, at, ByteBuffer.wrap(weights.value())))
                      .collect());
      SplitScore all = scoring.merged(shares);
      RunEvents.evaluation(epoch, step, all);
      return all;
    } finally {
      weights.destroy();
    }
  }

  @Override
  public void save() throws Exception {
    clock.enter(Phase.CHECKPOINT);
    checkpoints.save(step, step / stepsPerEpoch, List.of());
  }

  private StoppedException stopped() throws Exception {
    save();
    checkpoints.finish();
    RunEvents.ask("stopped", "attempt", task.attempt(), "step", step);
    return new StoppedException(step);
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable open : Arrays.asList(book, checkpoints, rounds, network)) {
      if (open != null) {
        open.close();
      }
    }
  }
}
