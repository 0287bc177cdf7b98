package io.elapid.worker;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.collective.Collective;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.ShardPlan;
import io.elapid.data.shard.Manifest;
import io.elapid.engine.Evaluator;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.graph.Mode;
import io.elapid.optim.Schedule;
import io.elapid.task.classification.ClassificationMetrics;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One rank of a training run, from the first handshake to the last checkpoint. */
final class TrainRank implements AutoCloseable {
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

  private Path dataset;
  private Manifest manifest;
  private Collective collective;
  private Trainer trainer;
  private BatchLoader<Batch> loader;
  private Schedule schedule;
  private StepSync sync;
  private StepReport report;
  private StepTrace trace;
  private GradientReport gradients;
  private RankCheckpoints checkpoints;
  private Evaluator evaluator;
  private Evaluator teacher;
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
    this.best = new BestResult(recipe.evaluation());
  }

  /** Trains to the end and returns the last evaluation as JSON. */
  String train() throws Exception {
    try {
      open();
      ClassificationMetrics last = null;
      while (!finished()) {
        if (sync.stops(watch.stopRequested())) {
          throw stopped();
        }
        trainer.lessonWeight(
            recipe.mesa().ratioIn(step / stepsPerEpoch, recipe.schedule().epochs(stepsPerEpoch)));
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
        watch.step(step);
        checkpoints.check();
        if (step % stepsPerEpoch == 0 || step == schedule.totalSteps()) {
          last = endOfEpoch((step + stepsPerEpoch - 1) / stepsPerEpoch, last);
        } else if (checkpoints.dueAt(step)) {
          sync.settle();
          save(Map.of());
        }
      }
      ClassificationMetrics end = last == null ? evaluate(step / stepsPerEpoch) : last;
      clock.enter(Phase.CHECKPOINT);
      checkpoints.finish();
      return end.toJson();
    } catch (Throwable failure) {
      Throwable cause = watch.cause(failure);
      fail(cause);
      if (MemoryAdvice.of(cause).isPresent()) {
        throw exhausted(cause);
      }
      throw failure;
    }
  }

  /** Spark kills an executor whose task ends in an Error, and with it what else is to be told. */
  private static InputException exhausted(Throwable cause) {
    return new InputException(
        "out of memory: " + cause.getMessage(), MemoryAdvice.of(cause).orElseThrow());
  }

  private boolean finished() {
    return step >= schedule.totalSteps() || best.exhausted();
  }

  private void open() throws Exception {
    introduce();
    dataset = new Path(recipe.data().requirePath());
    manifest = Manifest.read(hadoop, dataset);
    int classes = manifest.classes().size();
    clock.enter(Phase.MEET);
    collective = Meeting.of(task, recipe, context);
    watch.joined(collective);
    clock.enter(Phase.RESTORE);
    trainer = new Trainer(TrainingSetup.of(recipe, classes));
    teacher = TeacherWeights.open(hadoop, recipe, classes).orElse(null);
    if (teacher != null) {
      trainer.teacher(teacher::logits);
    }
    Map<String, NamedTensor> saved = Map.of();
    if (task.resume() != null) {
      saved = restore(new Path(task.resume()));
    } else if (recipe.model().weights().isPresent()) {
      trainer.load(StartingWeights.load(hadoop, recipe.model(), classes, trainer.model()));
    }
    watch.step(step);
    checkpoints = new RankCheckpoints(task, context, manifest, trainer, best);
    ShardPlan plan =
        ShardPlan.of(
            recipe.batch().stepShards(),
            context.rank(),
            context.size(),
            recipe.batch().samplesPerShard());
    loader =
        BatchLoader.training(
            RankSetup.reading(hadoop, recipe.data()),
            dataset,
            recipe.data().trainSplit(),
            RankSetup.trainLoader(recipe, classes),
            plan,
            step);
    stepsPerEpoch = loader.stepsPerEpoch();
    schedule = LearningRate.of(recipe, stepsPerEpoch);
    trace =
        new StepTrace(
            context.rank(),
            "rank %d on %s".formatted(context.rank(), context.host()),
            clock,
            recipe.log().profileSteps(),
            step,
            schedule.totalSteps());
    gradients = new GradientReport(context, recipe.track(), trainer);
    StepSync.Parts parts =
        new StepSync.Parts(trainer, loader, collective, plan, clock, trace, samples);
    sync = StepSync.of(recipe.sync(), parts);
    sync.restore(saved);
    report =
        new StepReport(
            context, recipe, clock, collective, stepsPerEpoch, schedule.totalSteps(), step);
  }

  /** What every phase begins with. */
  private void gate() {
    watch.check();
    fault.pass(step, clock.current());
  }

  private void introduce() {
    String gpu = RankResources.gpu(recipe.cluster(), context.gpus());
    RankResources.compute(recipe.cluster(), gpu);
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
    trainer.restore(saved.model(), saved.ema(), saved.state());
    best.restore(saved.state());
    step = saved.meta().step();
    LOG.info("rank {} resumes at step {} from {}", context.rank(), step, checkpoint);
    return saved.state();
  }

  private ClassificationMetrics endOfEpoch(long epoch, ClassificationMetrics before)
      throws Exception {
    boolean last = step == schedule.totalSteps();
    boolean evaluating = last || epoch % recipe.evaluation().everyEpochs() == 0;
    boolean due = last || epoch % recipe.checkpoint().everyEpochs() == 0 || checkpoints.dueAt(step);
    if (evaluating || due) {
      sync.settle();
    }
    ClassificationMetrics metrics = evaluating ? evaluate(epoch) : null;
    boolean better = evaluating && best.add(metrics);
    if (best.exhausted() && context.rank() == 0) {
      RunEvents.send(
          "early_stop",
          "epoch",
          epoch,
          "step",
          step,
          "metric",
          best.metric(),
          "best",
          best.value(),
          "evaluations",
          recipe.evaluation().patience());
    }
    if (due || better || best.exhausted()) {
      save(
          evaluating
              ? Map.of("top1", metrics.top1(), "top5", metrics.top5(), "loss", metrics.loss())
              : Map.of());
    }
    return evaluating ? metrics : before;
  }

  private ClassificationMetrics evaluate(long epoch) throws Exception {
    clock.enter(Phase.EVALUATE);
    ClassificationMetrics mine = evaluateShare();
    ClassificationMetrics all = new ClassificationMetrics(manifest.classes().size());
    for (byte[] share : collective.allGather(mine.toJson().getBytes(StandardCharsets.UTF_8))) {
      all.merge(ClassificationMetrics.fromJson(new String(share, StandardCharsets.UTF_8)));
    }
    if (context.rank() == 0) {
      RunEvents.send(
          "evaluation",
          "epoch",
          epoch,
          "step",
          step,
          "samples",
          all.count(),
          "loss",
          all.loss(),
          "top1",
          all.top1(),
          "top5",
          all.top5());
    }
    return all;
  }

  private ClassificationMetrics evaluateShare() throws Exception {
    int classes = manifest.classes().size();
    int batch = recipe.evaluation().batchSize();
    Map<String, NamedTensor> weights =
        RankSetup.evaluated(trainer, recipe).stream()
            .collect(Collectors.toMap(NamedTensor::name, tensor -> tensor));
    if (evaluator == null) {
      evaluator =
          new Evaluator(
              TrainingSetup.network(recipe.model()),
              classes,
              recipe.model().imageSize(),
              batch,
              Mode.EVAL,
              weights,
              recipe.cluster().threadsPerRank());
    } else {
      evaluator.load(weights);
    }
    try (BatchLoader<Batch> share =
        BatchLoader.evaluation(
            RankSetup.reading(hadoop, recipe.data()),
            dataset,
            recipe.data().validationSplit(),
            RankSetup.evalLoader(recipe, classes),
            context.rank(),
            context.size(),
            batch)) {
      return SplitEvaluation.run(evaluator, share, classes);
    }
  }

  private void save(Map<String, Double> metrics) throws Exception {
    clock.enter(Phase.CHECKPOINT);
    checkpoints.save(step, step / stepsPerEpoch, metrics, sync.state());
  }

  /** Saves what there is; all ranks have the same weights, so the others need not take part. */
  private StoppedException stopped() throws Exception {
    save(Map.of());
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
    for (AutoCloseable open :
        Arrays.asList(
            watch, checkpoints, loader, collective, fault, sync, evaluator, teacher, trainer)) {
      if (open != null) {
        open.close();
      }
    }
  }
}
