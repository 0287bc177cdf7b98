package io.elapid.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The root cause of a failed attempt.
 *
 * @param where rank, host, executor, step and phase in words; empty if no rank is at fault
 * @param message one line
 * @param remedy the way out, empty when the failure is not the user's
 */
record RankFailure(String where, String message, String remedy) {
  private static final int NAMED_SAMPLES = 64;
  private static final Pattern ABOUT_RANK = Pattern.compile("^rank (\\d+) \\(");
  private static final Pattern KILLED = Pattern.compile("\\bcode 137\\b");

  /**
   * What a rank has reported.
   *
   * @param samples that it may come from; may be empty
   */
  static RankFailure of(JsonNode event, List<String> samples) {
    return new RankFailure(
        where(
            event.path("rank").asInt(),
            event.path("host").asText(),
            event.path("executor").asText(),
            event.path("step").asLong(),
            event.path("phase").asText()),
        event.path("message").asText() + named(samples),
        event.path("remedy").asText());
  }

  private static String named(List<String> samples) {
    if (samples.isEmpty()) {
      return "";
    }
    int named = Math.min(NAMED_SAMPLES, samples.size());
    return "; samples of the step: %s%s"
        .formatted(
            String.join(", ", samples.subList(0, named)),
            named < samples.size()
                ? " and %d more (metrics.jsonl)".formatted(samples.size() - named)
                : "");
  }

  /** A rank whose executor is gone. */
  static RankFailure lost(AttemptLedger.Sign sign, String reason) {
    String line = reason.lines().findFirst().orElse(reason);
    String hint =
        KILLED.matcher(line).find()
            ? " (killed from outside, by the system itself where memory ran out: see the memory figures in conf/spark)"
            : "";
    return new RankFailure(sign.where(), "its executor is gone: " + line + hint, "");
  }

  /** A rank that has stopped giving signs of life. */
  static RankFailure silent(AttemptLedger.Sign sign, Duration limit) {
    return new RankFailure(
        sign.where(),
        "no sign of life for longer than cluster.silence-timeout = %d s"
            .formatted(limit.toSeconds()),
        "");
  }

  /** A failure that is no rank's. */
  static RankFailure ofRun(String message, String remedy) {
    return new RankFailure("", message, remedy);
  }

  static String where(int rank, String host, String executor, long step, String phase) {
    return "rank %d on %s (executor %s) at step %d while %s"
        .formatted(rank, host, executor, step, phase);
  }

  /** The rank that the message is about, if it is about another one. */
  Optional<Integer> suspect() {
    Matcher about = ABOUT_RANK.matcher(message);
    return about.find() ? Optional.of(Integer.parseInt(about.group(1))) : Optional.empty();
  }

  /** Adds what is known of the rank that the message is about. */
  RankFailure about(AttemptLedger.Sign suspect) {
    return new RankFailure(where, message + "; last heard of: " + suspect.where(), remedy);
  }

  /** Whether trying again is pointless, because the input is at fault. */
  boolean permanent() {
    return !remedy.isEmpty();
  }

  RuntimeException toException(Throwable cause) {
    String text = where.isEmpty() ? message : where + ": " + message;
    return permanent()
        ? new InputException(text, remedy, cause)
        : new RunFailedException(text, cause);
  }
}
