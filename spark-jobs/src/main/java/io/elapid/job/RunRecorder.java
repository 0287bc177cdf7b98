package io.elapid.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.observe.RunFeed;
import io.elapid.worker.RunEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to the ranks in the driver: writes the metrics log, drives the progress line, keeps the
 * ledger of the attempt, and tells the ranks when the run is to stop.
 *
 * <p>The log is written on a thread of its own: a file system that is slow must not make ranks look
 * silent.
 */
final class RunRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunRecorder.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final long POLL_NANOS = 20_000_000;
  private static final int LINES_AHEAD = 10_000;
  private static final long CLOSE_SECONDS = 10;

  /** What is of no interest afterwards. */
  private static final Set<String> PASSING =
      Set.of("alive", "ended", RunEvents.BEGUN, RunEvents.RANK_STEP);

  /** What is for trackers and the Training tab alone: too much for a log of lines. */
  private static final Set<String> UNLOGGED = Set.of("gradients", RunEvents.RANK_TIMES);

  private final Consumer<String> log;
  private final Consumer<JsonNode> progress;
  private final BooleanSupplier stop;
  private final ThreadPoolExecutor writer =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(LINES_AHEAD),
          body -> {
            Thread thread = new Thread(body, "elapid-metrics");
            thread.setDaemon(true);
            return thread;
          });
  private final RunFeed.Subscription subscription;
  private volatile AttemptLedger ledger = new AttemptLedger(0);

  /**
   * Starts to listen.
   *
   * @param stop whether the ranks are to stop
   */
  RunRecorder(Consumer<String> log, Consumer<JsonNode> progress, BooleanSupplier stop) {
    this.log = log;
    this.progress = progress;
    this.stop = stop;
    this.subscription = RunFeed.subscribe(this::accept);
  }

  /** Opens the books of an attempt. */
  AttemptLedger begin(int attempt) {
    ledger = new AttemptLedger(attempt);
    return ledger;
  }

  /** Takes in a line and returns what its sender is to be told. */
  String accept(String line) {
    try {
      JsonNode event = JSON.readTree(line);
      ledger.accept(event);
      String kind = event.path("event").asText();
      if (!PASSING.contains(kind)) {
        progress.accept(event);
        if (!UNLOGGED.contains(kind)) {
          write(line);
        }
      }
      return kind.equals("alive") && stop.getAsBoolean() ? stopping() : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String stopping() {
    return ledger.stoppedAt().isPresent() ? RunEvents.SAVED : RunEvents.STOP;
  }

  /** Takes in a line of the driver's own. */
  void note(String line) {
    accept(line);
  }

  private void write(String line) {
    try {
      writer.execute(() -> log.accept(line));
    } catch (RejectedExecutionException e) {
      LOG.warn("a line of the metrics log was lost: {} are waiting", LINES_AHEAD);
    }
  }

  /**
   * What went wrong first in the attempt that has just failed, if anyone could still say so. What
   * tells the root cause may arrive a moment after Spark has noticed an effect of it.
   */
  Optional<RankFailure> awaitFailure() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!ledger.knowsRoot() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL_NANOS);
    }
    return ledger.firstCause();
  }

  @Override
  public void close() {
    subscription.close();
    writer.shutdown();
    try {
      if (!writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the metrics log is not complete: its file system does not answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
