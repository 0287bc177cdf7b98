package io.elapid.worker;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.Provenance;
import io.elapid.collective.Collective;
import io.elapid.config.Recipe;
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
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  private Evaluator evaluator;
  private Evaluator teacher;
  private long stepsPerEpoch;
  private long step;

  TrainRank(TrainTask task, RankContext context) {
    this.task = task;
    this.context = context;
    this.recipe = task.parsedRecipe();
    this.hadoop = task.configuration();
    this.best = new BestResult(recipe.evaluation());
  }

  /** Trains to the end and returns the last evaluation as JSON. */
  String train() throws Exception {
    try {
      open();
      ClassificationMetrics last = null;
      while (!finished()) {
        trainer.lessonWeight(
            recipe.mesa().ratioIn(step / stepsPerEpoch, recipe.schedule().epochs()));
        collective.phase("step " + step);
        trace.begin(step);
        StepStats stats = sync.step(schedule.learningRate(step));
        if (trace.end(step)) {
          trace.write(hadoop, new Path(task.traces(), "rank-%05d.json".formatted(context.rank())));
        }
        report.step(step, stats, schedule.learningRate(step));
        step++;
        if (step % stepsPerEpoch == 0) {
          last = endOfEpoch(step / stepsPerEpoch, last);
        }
      }
      return last == null ? evaluate(step / stepsPerEpoch).toJson() : last.toJson();
    } catch (Throwable failure) {
      fail(failure);
      throw failure;
    }
  }

  private boolean finished() {
    return step >= schedule.totalSteps() || best.exhausted();
  }

  private void open() throws Exception {
    dataset = new Path(recipe.data().requirePath());
    manifest = Manifest.read(hadoop, dataset);
    int classes = manifest.classes().size();
    clock.enter(Phase.MEET);
    collective = Meeting.of(task, recipe, context);
    clock.enter(Phase.RESTORE);
    trainer = new Trainer(TrainingSetup.of(recipe, classes));
    teacher = TeacherWeights.open(hadoop, recipe, classes).orElse(null);
    if (teacher != null) {
      trainer.teacher(teacher::logits);
    }
    if (task.resume() != null) {
      restore(new Path(task.resume()));
    } else if (recipe.model().weights().isPresent()) {
      trainer.load(StartingWeights.load(hadoop, recipe.model(), classes, trainer.model()));
    }
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
    StepSync.Parts parts = new StepSync.Parts(trainer, loader, collective, plan, clock, trace);
    sync = StepSync.of(recipe.sync(), parts);
    report =
        new StepReport(
            context, recipe, clock, collective, stepsPerEpoch, schedule.totalSteps(), step);
  }

  private void restore(Path checkpoint) throws Exception {
    Checkpoint saved = CheckpointStore.read(hadoop, checkpoint);
    trainer.restore(saved.model(), saved.ema(), saved.state());
    best.restore(saved.state());
    step = saved.meta().step();
    LOG.info("rank {} resumes at step {} from {}", context.rank(), step, checkpoint);
  }

  private ClassificationMetrics endOfEpoch(long epoch, ClassificationMetrics before)
      throws Exception {
    boolean last = step == schedule.totalSteps();
    boolean evaluating = last || epoch % recipe.evaluation().everyEpochs() == 0;
    boolean due = last || epoch % recipe.checkpoint().everyEpochs() == 0;
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
    if ((due || better || best.exhausted()) && context.rank() == 0) {
      save(epoch, metrics);
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

  private void save(long epoch, ClassificationMetrics metrics) throws Exception {
    clock.enter(Phase.CHECKPOINT);
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
                    "run", task.runId(),
                    "dataset", dataset.toString(),
                    "ranks", Integer.toString(context.size()))),
            task.recipe(),
            metrics == null
                ? Map.of()
                : Map.of("top1", metrics.top1(), "top5", metrics.top5(), "loss", metrics.loss()));
    CheckpointStore store = new CheckpointStore(hadoop, new Path(task.checkpoints()));
    List<NamedTensor> state = new ArrayList<>(trainer.state());
    state.addAll(best.state());
    Path written = store.write(meta, trainer.model(), trainer.ema(), state);
    store.retain(best.retention(recipe.checkpoint().keep()));
    RunEvents.send("checkpoint", "epoch", epoch, "step", step, "path", written.toString());
  }

  private void fail(Throwable failure) {
    LOG.error("rank {} failed at step {} while {}", context.rank(), step, clock.current(), failure);
    RunEvents.failure(context, step, clock.current(), failure);
    if (collective != null) {
      collective.abort(
          "rank %d failed at step %d while %s: %s"
              .formatted(context.rank(), step, clock.current(), failure.getMessage()));
    }
  }

  @Override
  public void close() throws Exception {
    // The collective before the trainer: its threads may still write into the trainer's memory.
    for (AutoCloseable open :
        Arrays.asList(loader, collective, sync, evaluator, teacher, trainer)) {
      if (open != null) {
        open.close();
      }
    }
  }
}
