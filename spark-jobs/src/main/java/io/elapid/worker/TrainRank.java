package io.elapid.worker;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.collective.Collective;
import io.elapid.collective.CollectiveException;
import io.elapid.config.Recipe;
import io.elapid.data.loader.ShardPlan;
import io.elapid.data.shard.Manifest;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.optim.Schedule;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One rank of a training run, from the first handshake to the last checkpoint. */
final class TrainRank implements EpochEnd.Weights, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainRank.class);

  private final TrainTask task;
  private final RankContext context;
  private final Recipe recipe;
  private final Configuration hadoop;
  private final PhaseClock clock = new PhaseClock();
  private final StepSamples samples = new StepSamples();
  private final FaultPoint fault;
  private final RankWatch watch;
  private final BestResult best;

  private Manifest manifest;
  private Scoring scoring;
  private Collective collective;
  private RankNetwork<?> network;
  private Schedule schedule;
  private StepSync sync;
  private StepReport report;
  private StepTrace trace;
  private GradientReport gradients;
  private GpuReport gpus;
  private RankCheckpoints checkpoints;
  private EpochEnd epochs;
  private Optional<CheckpointMeta> resumed = Optional.empty();
  private long stepsPerEpoch;
  private long step;

  TrainRank(TrainTask task, RankContext context) {
    this.task = task;
    this.fault = FaultPoint.of(task, context);
    this.context = fault.around(context);
    this.recipe = task.parsedRecipe();
    this.hadoop = task.configuration();
    this.watch = new RankWatch(task, context, clock, recipe);
    clock.guard(this::gate);
    this.best = new BestResult(recipe);
  }

  /** Trains to the end and returns the last evaluation as JSON. */
  String train() throws Exception {
    try {
      open();
      SplitScore last = owed().orElse(null);
      while (!finished()) {
        if (sync.stops(context.rank() == 0 && watch.stopRequested())) {
          throw stopped();
        }
        network.enter(step / stepsPerEpoch, stepsPerEpoch);
        collective.phase("step " + step);
        trace.begin(step);
        samples.clear();
        gradients.before(step);
        StepStats stats = sync.step(schedule.learningRate(step));
        if (trace.end(step)) {
          trace.write(hadoop, new Path(task.traces(), "rank-%05d.json".formatted(context.rank())));
        }
        report.step(step, stats, schedule.learningRate(step));
        step++;
        gradients.after(step);
        gpus.step(step);
        watch.step(step);
        checkpoints.check();
        if (endsEpoch()) {
          last = epochs.reached(epoch(), step).orElse(last);
        } else if (checkpoints.dueAt(step)) {
          sync.settle();
          save();
        }
      }
      SplitScore end = last == null ? evaluate(step / stepsPerEpoch) : last;
      clock.enter(Phase.CHECKPOINT);
      checkpoints.finish();
      report.times(step);
      return end.encode();
    } catch (Throwable failure) {
      Throwable cause = watch.cause(failure);
      if (cause instanceof CollectiveException && context.rank() != 0 && watch.stopRequested()) {
        // the group has ended with the rank that saves, or while it was waited for
        watch.awaitSaved();
        cause = new StoppedException(step);
      }
      fail(cause);
      MemoryAdvice.in(clock.current()).throwInstead(cause);
      throw failure;
    }
  }

  /** The evaluation that was given up when the run was stopped. */
  private Optional<SplitScore> owed() throws Exception {
    return resumed.isPresent() && endsEpoch() ? epochs.resumed(epoch(), step) : Optional.empty();
  }

  private boolean endsEpoch() {
    return step % stepsPerEpoch == 0 || step == schedule.totalSteps();
  }

  /** Number of the epoch that the last step was of. */
  private long epoch() {
    return (step + stepsPerEpoch - 1) / stepsPerEpoch;
  }

  private boolean finished() {
    return step >= schedule.totalSteps() || best.exhausted();
  }

  private void open() throws Exception {
    introduce();
    manifest = Manifest.read(hadoop, new Path(recipe.data().requirePath()));
    int classes = manifest.classes().size();
    scoring = Scoring.of(recipe, classes);
    clock.enter(Phase.MEET);
    collective = Meeting.of(task, recipe, context);
    watch.joined(collective);
    clock.enter(Phase.RESTORE);
    network = RankNetwork.open(hadoop, recipe, classes);
    Map<String, NamedTensor> saved = Map.of();
    if (task.resume() != null) {
      saved = restore(new Path(task.resume()));
    } else if (recipe.model().weights().isPresent()) {
      Trainer<?> trainer = network.trainer();
      trainer.load(StartingWeights.load(hadoop, recipe, classes, trainer.model()));
    }
    watch.step(step);
    checkpoints = new RankCheckpoints(task, context, manifest, network.trainer(), best, resumed);
    ShardPlan plan =
        ShardPlan.of(
            recipe.batch().stepShards(),
            context.rank(),
            context.size(),
            recipe.batch().samplesPerShard());
    stepsPerEpoch = network.openData(plan, step);
    resumed.ifPresent(meta -> RankCheckpoints.requireSameEpochs(meta, stepsPerEpoch));
    schedule = LearningRate.of(recipe, stepsPerEpoch);
    trace =
        new StepTrace(
            context.rank(),
            "rank %d on %s".formatted(context.rank(), context.host()),
            clock,
            recipe.log().profileSteps(),
            step,
            schedule.totalSteps());
    gradients = new GradientReport(context, recipe.track(), network.trainer());
    gpus = GpuReport.of(context, recipe.log().everySteps());
    sync = StepSync.of(recipe.sync(), network.parts(collective, plan, clock, trace, samples));
    sync.restore(saved);
    epochs = new EpochEnd(recipe, context, best, checkpoints, schedule.totalSteps(), this);
    report =
        new StepReport(
            context,
            task.attempt(),
            recipe,
            clock::seconds,
            collective::bytesSent,
            stepsPerEpoch,
            schedule.totalSteps(),
            step);
  }

  /** What every phase begins with. */
  private void gate() {
    watch.check();
    fault.pass(step, clock.current());
  }

  private void introduce() {
    int gpus = recipe.cluster().gpusPerRank();
    String gpu = RankResources.gpu(gpus, context.gpus());
    RankResources.setUp(
        recipe.cluster().gpuWork(), recipe.cluster().gpuStorage(), recipe.cluster().stepTimeout());
    RankResources.compute(gpus, gpu);
    LOG.info(
        "rank {} of {} on {} (executor {}), GPU {}",
        context.rank(),
        context.size(),
        context.host(),
        context.executor(),
        gpu.isEmpty() ? "none" : gpu);
    RunEvents.send(
        "rank",
        "attempt",
        task.attempt(),
        "rank",
        context.rank(),
        "host",
        context.host(),
        "executor",
        context.executor(),
        "gpu",
        gpu);
  }

  /** Goes on from a checkpoint and returns what it has beyond weights. */
  private Map<String, NamedTensor> restore(Path checkpoint) throws Exception {
    Checkpoint saved = CheckpointStore.read(hadoop, checkpoint);
    network.restore(saved);
    best.restore(saved.state());
    resumed = Optional.of(saved.meta());
    step = saved.meta().step();
    LOG.info("rank {} resumes at step {} from {}", context.rank(), step, checkpoint);
    return saved.state();
  }

  @Override
  public void settle() throws Exception {
    sync.settle();
  }

  @Override
  public SplitScore evaluate(long epoch) throws Exception {
    clock.enter(Phase.EVALUATE);
    List<byte[]> shares = collective.allGather(share());
    if (shares.stream().anyMatch(share -> share.length == 0)) {
      throw stopped();
    }
    SplitScore all =
        scoring.merged(
            shares.stream().map(share -> new String(share, StandardCharsets.UTF_8)).toList());
    if (context.rank() == 0) {
      RunEvents.evaluation(epoch, step, all);
    }
    return all;
  }

  /** This rank's share of an evaluation; empty if it has been told to end meanwhile. */
  private byte[] share() throws Exception {
    try {
      SplitScore mine = network.evaluate(context.rank(), context.size(), this::requireWanted);
      return mine.encode().getBytes(StandardCharsets.UTF_8);
    } catch (UnwantedException e) {
      return new byte[0];
    }
  }

  private void requireWanted() {
    clock.check();
    if (watch.stopRequested()) {
      throw new UnwantedException();
    }
  }

  /** The rest of an evaluation is not waited for. */
  private static final class UnwantedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public void save() throws Exception {
    clock.enter(Phase.CHECKPOINT);
    if (finished() || checkpoints.ready(step, step / stepsPerEpoch)) {
      checkpoints.save(step, step / stepsPerEpoch, sync.state());
    }
  }

  /**
   * Saves what there is; all ranks have the same weights, so those that take part have nothing to
   * do but wait for the one that saves.
   */
  private StoppedException stopped() throws Exception {
    clock.enter(Phase.CHECKPOINT);
    if (context.rank() != 0) {
      watch.awaitSaved();
      return new StoppedException(step);
    }
    watch.left();
    checkpoints.save(step, step / stepsPerEpoch, sync.state());
    checkpoints.finish();
    RunEvents.ask("stopped", "attempt", task.attempt(), "step", step);
    return new StoppedException(step);
  }

  private void fail(Throwable failure) {
    if (failure instanceof StoppedException) {
      LOG.info("{}", failure.getMessage());
    } else if (context.cancelled()) {
      // an effect of what has failed elsewhere
      LOG.info("rank {} was cancelled at step {}: {}", context.rank(), step, failure.toString());
    } else {
      LOG.error(
          "rank {} failed at step {} while {}", context.rank(), step, clock.current(), failure);
      RunEvents.failure(task.attempt(), context, step, clock.current(), failure, samples.ids());
    }
    if (collective != null) {
      collective.abort(
          failure instanceof StoppedException
              ? failure.getMessage()
              : "rank %d failed at step %d while %s: %s"
                  .formatted(context.rank(), step, clock.current(), failure.getMessage()));
    }
  }

  @Override
  public void close() throws Exception {
    // The collective before the trainer: its threads may still write into the trainer's memory.
    AutoCloseable data = network == null ? null : network::closeData;
    for (AutoCloseable open :
        Arrays.asList(watch, checkpoints, data, collective, fault, sync, network, gpus)) {
      if (open != null) {
        open.close();
      }
    }
  }
}
