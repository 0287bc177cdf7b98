package io.elapid.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import io.elapid.engine.DivergenceException;
import io.elapid.observe.RunFeed;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The lines that ranks send to the driver; each is one JSON object and becomes one line of the
 * metrics log.
 */
public final class RunEvents {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Trying again would come to the same point: the computation is deterministic. */
  private static final String DIVERGED =
      "lower schedule.learning-rate, lengthen the warm-up, or limit clip.norm";

  private RunEvents() {}

  /** Sends an event with the fields given as name, value, name, value, ... */
  static void send(String event, Object... fields) {
    RunFeed.send(line(event, fields));
  }

  /** An event as a line of JSON, stamped with the time. */
  public static String line(String event, Object... fields) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("event", event);
    object.put("time", Instant.now().toString());
    for (int i = 0; i < fields.length; i += 2) {
      object.put((String) fields[i], fields[i + 1]);
    }
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tells the driver that this rank has failed, where and why. */
  static void failure(RankContext rank, long step, Phase phase, Throwable cause) {
    InputException input = find(cause, InputException.class);
    String remedy =
        input != null
            ? input.remedy()
            : find(cause, DivergenceException.class) != null ? DIVERGED : "";
    send(
        "failure",
        "rank",
        rank.rank(),
        "host",
        rank.host(),
        "executor",
        rank.executor(),
        "step",
        step,
        "phase",
        phase.toString(),
        "message",
        input != null ? input.getMessage() : describe(cause),
        "remedy",
        remedy);
  }

  private static <T extends Throwable> T find(Throwable cause, Class<T> type) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return type.cast(at);
      }
    }
    return null;
  }

  private static String describe(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isBlank() ? cause.getClass().getName() : message;
  }
}
