package io.elapid.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.observe.RunFeed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to the ranks in the driver: writes the metrics log, drives the progress line, keeps the
 * first failure.
 */
final class RunRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunRecorder.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long POLL_NANOS = 20_000_000;

  private final Consumer<String> log;
  private final Consumer<JsonNode> progress;
  private final AtomicReference<JsonNode> firstFailure = new AtomicReference<>();
  private final RunFeed.Subscription subscription;

  RunRecorder(Consumer<String> log, Consumer<JsonNode> progress) {
    this.log = log;
    this.progress = progress;
    this.subscription = RunFeed.subscribe(this::accept);
  }

  private void accept(String line) {
    try {
      JsonNode event = JSON.readTree(line);
      if (event.path("event").asText().equals("failure")) {
        firstFailure.compareAndSet(null, event);
      }
      progress.accept(event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    log.accept(line);
  }

  /**
   * What went wrong first in the attempt that has just failed, if a rank could still say so;
   * forgets it. The report may arrive a moment after Spark has noticed the failure.
   */
  Optional<RankFailure> awaitFailure() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (firstFailure.get() == null && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL_NANOS);
    }
    return Optional.ofNullable(firstFailure.getAndSet(null)).map(RankFailure::of);
  }

  @Override
  public void close() {
    subscription.close();
    LOG.debug("recorder closed");
  }
}
