package io.elapid.worker;

import io.elapid.collective.InProcess;
import io.elapid.config.Recipe;
import io.elapid.data.loader.ShardPlan;
import io.elapid.data.shard.Manifest;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.optim.Schedule;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rank between two averagings: does steps on its own shards, from a state that comes with each
 * and goes with each. All that it keeps from step to step is what would be made anew alike: the
 * compiled network, and its data where they are at.
 *
 * <p>Belongs to the thread of a {@link Seat}.
 */
final class RoundRank implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RoundRank.class);

  private final AveragingTask averaging;
  private final TrainTask task;
  private final Recipe recipe;
  private final Configuration hadoop;
  private final PhaseClock clock = new PhaseClock();
  private final StepSamples samples = new StepSamples();

  private RankNetwork<?> network;
  private StepSync.OwnShards own;
  private ShardPlan plan;
  private Schedule schedule;
  private GradientReport gradients;
  private long stepsPerEpoch;
  private long next;
  private volatile int rank = -1;

  RoundRank(AveragingTask averaging) {
    this.averaging = averaging;
    this.task = averaging.run();
    this.recipe = task.parsedRecipe();
    this.hadoop = task.configuration();
  }

  boolean trains(AveragingTask other) {
    return averaging.same(other);
  }

  /** Whether it has been that rank last. */
  boolean is(int number) {
    return rank == number;
  }

  long open(TaskPlace place, long step) throws Exception {
    return watched(
        place,
        step,
        () -> {
          sit(place, step);
          return stepsPerEpoch;
        });
  }

  double step(TaskPlace place, long step, ByteBuffer state) throws Exception {
    return watched(
        place,
        step,
        () -> {
          BusySeconds before = BusySeconds.of(clock);
          sit(place, step);
          StepStats stats = train(step, state);
          tell(place, step, stats, BusySeconds.of(clock).minus(before));
          return stats.loss();
        });
  }

  /** The driver knows it before the step is over, if it can be reached; it need not be. */
  private void tell(TaskPlace place, long step, StepStats stats, BusySeconds busy) {
    Map<String, Object> whereabouts =
        RunEvents.whereabouts(task.attempt(), place, step, clock.current());
    try {
      RunEvents.ask(RunEvents.RANK_STEP, RoundBook.row(whereabouts, stats, busy));
    } catch (RuntimeException e) {
      LOG.warn("a report to the driver was lost: {}", e.toString());
    }
  }

  String evaluate(TaskPlace place, long step, ByteBuffer state) throws Exception {
    return watched(
        place,
        step,
        () -> {
          clock.enter(Phase.RESTORE);
          open();
          network.trainer().loadShare(state, step);
          clock.enter(Phase.EVALUATE);
          return network.evaluate(place.rank(), place.size(), clock::check).encode();
        });
  }

  private StepStats train(long step, ByteBuffer state) throws Exception {
    Trainer<?> trainer = network.trainer();
    trainer.loadShare(state, step);
    network.enter(step / stepsPerEpoch, stepsPerEpoch);
    samples.clear();
    gradients.before(step);
    ByteBuffer sum = own.sum();
    next = step + 1;
    clock.enter(Phase.UPDATE);
    StepStats stats = trainer.apply(sum, plan.count(), schedule.learningRate(step));
    gradients.after(next);
    trainer.averagingShare(1, state);
    clock.enter(Phase.SYNC);
    return stats;
  }

  /** Makes network and data ready, unless they are. */
  private void sit(TaskPlace place, long step) throws Exception {
    clock.enter(Phase.RESTORE);
    open();
    if (rank == place.rank() && next == step) {
      return;
    }
    network.closeData();
    plan =
        ShardPlan.of(
            recipe.batch().stepShards(),
            place.rank(),
            place.size(),
            recipe.batch().samplesPerShard());
    stepsPerEpoch = network.openData(plan, step);
    schedule = LearningRate.of(recipe, stepsPerEpoch);
    StepTrace untraced = new StepTrace(place.rank(), "", clock, 0, step, step);
    own = new StepSync.OwnShards(network.parts(InProcess.single(), plan, clock, untraced, samples));
    gradients = new GradientReport(place, recipe.track(), network.trainer());
    LOG.info(
        "rank {} of {} on {} (executor {}) goes on from step {}",
        place.rank(),
        place.size(),
        place.host(),
        place.executor(),
        step);
    if (rank != place.rank()) {
      RunEvents.send(
          "rank",
          "attempt",
          task.attempt(),
          "rank",
          place.rank(),
          "host",
          place.host(),
          "executor",
          place.executor(),
          "gpu",
          "");
    }
    rank = place.rank();
    next = step;
  }

  private void open() throws Exception {
    if (network == null) {
      RankResources.compute(recipe.cluster().gpusPerRank(), "");
      Manifest manifest = Manifest.read(hadoop, new Path(recipe.data().requirePath()));
      network = RankNetwork.open(hadoop, recipe, manifest.classes().size());
    }
  }

  private <T> T watched(TaskPlace place, long step, Callable<T> body) throws Exception {
    // who waits between two rounds does not wait too long
    clock.enter(Phase.START);
    RunEvents.send(
        RunEvents.BEGUN, RunEvents.whereabouts(task.attempt(), place, step, clock.current()));
    try (RankWatch watch = new RankWatch(task, place, clock, recipe);
        FaultPoint fault = FaultPoint.at(step, task, place)) {
      watch.step(step);
      clock.guard(
          () -> {
            watch.check();
            fault.pass(step, clock.current());
          });
      return reported(place, step, watch, body);
    } finally {
      clock.guard(() -> {});
      RunEvents.send("ended", "attempt", task.attempt(), "rank", place.rank());
    }
  }

  private <T> T reported(TaskPlace place, long step, RankWatch watch, Callable<T> body)
      throws Exception {
    try {
      return body.call();
    } catch (Throwable failure) {
      Throwable cause = watch.cause(failure);
      if (place.cancelled()) {
        LOG.info("rank {} was cancelled at step {}: {}", place.rank(), step, cause.toString());
      } else {
        LOG.error("rank {} failed at step {} while {}", place.rank(), step, clock.current(), cause);
        RunEvents.failure(
            task.attempt(), place, step, clock.current(), cause, List.copyOf(samples.ids()));
      }
      MemoryAdvice.in(clock.current()).throwInstead(cause);
      throw exception(cause);
    }
  }

  private static Exception exception(Throwable cause) {
    return cause instanceof Exception exception
        ? exception
        : new IllegalStateException(cause.getMessage(), cause);
  }

  @Override
  public void close() {
    if (network != null) {
      network.close();
    }
  }
}
