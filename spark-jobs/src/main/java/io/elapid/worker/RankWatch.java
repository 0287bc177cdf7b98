package io.elapid.worker;

import io.elapid.collective.Collective;
import io.elapid.config.Recipe;
import io.elapid.kernel.AcceleratorException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the thread that trains, from beside it: tells the driver every second that this rank
 * is alive and what it does, and ends it when a phase takes too long, when the group has failed
 * while this rank was computing, or when Spark has cancelled the task.
 *
 * <p>The thread that trains hears of it by an interrupt where it waits, and otherwise when it calls
 * {@link #check}. Where it does neither, in a native call that hangs, the driver has the executor
 * replaced.
 */
final class RankWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RankWatch.class);
  private static final long LOOK_MILLIS = 250;
  private static final long SIGN_MILLIS = 1000;

  private final TrainTask task;
  private final RankContext context;
  private final PhaseClock clock;
  private final PhaseLimits limits;
  private final Thread trains = Thread.currentThread();
  private final AtomicReference<RuntimeException> verdict = new AtomicReference<>();
  private final ScheduledExecutorService timer =
      Executors.newScheduledThreadPool(
          2,
          body -> {
            Thread thread = new Thread(body, "elapid-watch");
            thread.setDaemon(true);
            return thread;
          });
  private final List<Future<?>> watching;
  private volatile Collective group;
  private volatile long step;
  private volatile boolean stop;
  private volatile boolean saved;

  /** Starts to look after the calling thread. */
  RankWatch(TrainTask task, RankContext context, PhaseClock clock, Recipe recipe) {
    this.task = task;
    this.context = context;
    this.clock = clock;
    this.limits = new PhaseLimits(recipe);
    this.watching =
        List.of(
            timer.scheduleWithFixedDelay(this::sign, 0, SIGN_MILLIS, TimeUnit.MILLISECONDS),
            timer.scheduleWithFixedDelay(
                this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS));
  }

  /** From now on a failure of the group ends this rank, too. */
  void joined(Collective collective) {
    group = collective;
  }

  void step(long now) {
    step = now;
  }

  /** Whether the driver wants the run to end at the next opportunity. */
  boolean stopRequested() {
    return stop;
  }

  /** From now on the group may come to its end without this rank's. */
  void left() {
    group = null;
  }

  /**
   * Waits until the state of a run that is to end has been saved by the rank that does that: Spark
   * would end that one with this one.
   */
  void awaitSaved() {
    left();
    long end = System.nanoTime() + limits.of(Phase.CHECKPOINT).toNanos();
    while (!saved && !context.cancelled() && System.nanoTime() < end) {
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        // this watch's, of the group that has come to its end
        LOG.debug("rank {} waits on", context.rank());
      }
    }
  }

  /** Throws what this watch has found, if anything. */
  void check() {
    RuntimeException found = verdict.get();
    if (found != null) {
      throw found;
    }
  }

  /**
   * What has gone wrong: what this watch has found, or else the given failure; both where time was
   * up while a device was waited for, which has failed then.
   */
  Throwable cause(Throwable failure) {
    RuntimeException found = verdict.get();
    if (found instanceof DeadlineException
        && RunEvents.find(failure, AcceleratorException.class) != null) {
      return new DeadlineException(found.getMessage() + ": " + failure.getMessage(), failure);
    }
    return found == null ? failure : found;
  }

  private void sign() {
    try {
      String answer =
          RunEvents.ask(
              "alive", RunEvents.whereabouts(task.attempt(), context, step, clock.current()));
      saved = answer.equals(RunEvents.SAVED);
      if (saved || answer.equals(RunEvents.STOP)) {
        stop = true;
      }
    } catch (RuntimeException e) {
      LOG.debug("rank {} could not reach the driver: {}", context.rank(), e.toString());
    }
  }

  private void look() {
    try {
      if (verdict.get() == null) {
        if (context.cancelled()) {
          end(new IllegalStateException("the task was cancelled"));
        }
        Collective collective = group;
        if (collective != null) {
          collective.check();
        }
        Duration limit = limits.of(clock.current());
        if (clock.stay().compareTo(limit) > 0) {
          late(limit);
        }
      }
    } catch (RuntimeException e) {
      end(e);
    }
  }

  private void late(Duration limit) {
    Phase phase = clock.current();
    DeadlineException late =
        new DeadlineException(
            "%s takes longer than %s = %d s"
                .formatted(phase, limits.setting(phase), limit.toSeconds()),
            null);
    end(late);
    // The thread that trains may be unable to say so itself.
    RunEvents.failure(task.attempt(), context, step, phase, late, List.of());
    Collective collective = group;
    if (collective != null) {
      collective.abort("rank %d at step %d: %s".formatted(context.rank(), step, late.getMessage()));
    }
  }

  private void end(RuntimeException found) {
    if (verdict.compareAndSet(null, found)) {
      trains.interrupt();
    }
  }

  /** Ends the watch; an interrupt that is still pending is its own and is taken back. */
  @Override
  public void close() {
    watching.forEach(task -> task.cancel(false));
    timer.shutdownNow();
    if (verdict.get() != null) {
      Thread.interrupted();
    }
  }
}
