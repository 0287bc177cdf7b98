package io.elapid.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;

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
