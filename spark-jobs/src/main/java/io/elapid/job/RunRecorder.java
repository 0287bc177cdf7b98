package io.elapid.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import io.elapid.observe.RunFeed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens to the ranks in the driver: writes the metrics log, drives the progress line, keeps the first failure. */
final class RunRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunRecorder.class);
  private static final ObjectMapper JSON = new ObjectMapper();

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

  /** What went wrong first in this attempt, if a rank could still say so; forgets it. */
  Optional<RankFailure> takeFailure() {
    return Optional.ofNullable(firstFailure.getAndSet(null)).map(RankFailure::of);
  }

  @Override
  public void close() {
    subscription.close();
    LOG.debug("recorder closed");
  }

  /**
   * The root cause of a failed attempt.
   *
   * @param where rank, host, executor, step and phase in words
   * @param message one line
   * @param remedy the way out, empty when the failure is not the user's
   */
  record RankFailure(String where, String message, String remedy) {

    static RankFailure of(JsonNode event) {
      return new RankFailure(
          "rank %s on %s (executor %s) at step %s while %s"
              .formatted(
                  event.path("rank").asText(),
                  event.path("host").asText(),
                  event.path("executor").asText(),
                  event.path("step").asText(),
                  event.path("phase").asText()),
          event.path("message").asText(),
          event.path("remedy").asText());
    }

    /** Whether trying again is pointless, because the input is at fault. */
    boolean permanent() {
      return !remedy.isEmpty();
    }

    RuntimeException toException(Throwable cause) {
      return permanent()
          ? new InputException(message, remedy, cause)
          : new RunFailedException(where + ": " + message, cause);
    }
  }
}
