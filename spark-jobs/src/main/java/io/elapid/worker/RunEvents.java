package io.elapid.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.collective.CollectiveException;
import io.elapid.data.InputException;
import io.elapid.engine.DivergenceException;
import io.elapid.kernel.AcceleratorException;
import io.elapid.observe.RunFeed;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines that ranks send to the driver; each is one JSON object and becomes one line of the
 * metrics log.
 */
public final class RunEvents {
  private static final Logger LOG = LoggerFactory.getLogger(RunEvents.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Trying again would come to the same point: the computation is deterministic. */
  private static final String DIVERGED =
      "lower schedule.learning-rate, lengthen the warm-up, or limit clip.norm";

  /** What the driver answers when the run is to end at the next opportunity. */
  public static final String STOP = "stop";

  /** What it answers once the state of such a run is saved. */
  public static final String SAVED = "saved";

  /**
   * The event of a rank that begins to work, where ranks work in tasks of their own; its end is
   * that of the task.
   */
  public static final String BEGUN = "begun";

  /** The event of such a rank that has done a step. */
  public static final String RANK_STEP = "rank_step";

  /** The event of a rank that tells where its time goes. */
  public static final String RANK_TIMES = "rank_times";

  private static final Duration TELLING = Duration.ofSeconds(5);

  private RunEvents() {}

  /** Sends an event with the fields given as name, value, name, value, ... */
  static void send(String event, Object... fields) {
    RunFeed.send(line(event, fields));
  }

  /** As {@link #ask(String, Object...)}, with fields by name. */
  static String ask(String event, Map<String, ?> fields) {
    return RunFeed.ask(line(event, fields));
  }

  /** Where a rank is and what it does, for events. */
  static Map<String, Object> whereabouts(int attempt, RankContext rank, long step, Phase phase) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("attempt", attempt);
    fields.put("rank", rank.rank());
    fields.put("host", rank.host());
    fields.put("executor", rank.executor());
    fields.put("step", step);
    fields.put("phase", phase.toString());
    return fields;
  }

  /** Sends an event with fields by name. */
  static void send(String event, Map<String, ?> fields) {
    RunFeed.send(line(event, fields));
  }

  /** Tells of the result of an evaluation. */
  static void evaluation(long epoch, long step, SplitScore score) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("epoch", epoch);
    fields.put("step", step);
    fields.put("samples", score.samples());
    fields.putAll(score.measures());
    fields.put("summary", score.summary());
    send("evaluation", fields);
  }

  /** An event as a line of JSON, stamped with the time. */
  public static String line(String event, Object... fields) {
    Map<String, Object> named = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      named.put((String) fields[i], fields[i + 1]);
    }
    return line(event, named);
  }

  private static String line(String event, Map<String, ?> fields) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("event", event);
    object.put("time", Instant.now().toString());
    object.putAll(fields);
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends an event and returns the driver's answer: {@link #STOP}, or nothing in particular. */
  static String ask(String event, Object... fields) {
    return RunFeed.ask(line(event, fields));
  }

  /**
   * Tells the driver that this rank has failed, where and why, and returns when it knows. An
   * interrupt waits: it may come from the watch, which has found the same failure.
   *
   * @param samples that the failure may come from; may be empty
   */
  static void failure(
      int attempt,
      RankContext rank,
      long step,
      Phase phase,
      Throwable cause,
      List<String> samples) {
    InputException input = find(cause, InputException.class);
    Optional<String> memory = MemoryAdvice.in(phase).of(cause);
    boolean diverged = find(cause, DivergenceException.class) != null;
    String remedy = input != null ? input.remedy() : memory.orElse(diverged ? DIVERGED : "");
    String message = input != null ? input.getMessage() : describe(cause);
    Map<String, Object> fields = whereabouts(attempt, rank, step, phase);
    fields.put("message", memory.isPresent() ? "out of memory: " + message : message);
    fields.put("remedy", remedy);
    fields.put("of_peer", find(cause, CollectiveException.class) != null);
    AcceleratorException accelerator = find(cause, AcceleratorException.class);
    fields.put("of_accelerator", accelerator != null && !accelerator.isOutOfMemory());
    fields.put("samples", diverged ? samples : List.of());
    String line = line("failure", fields);
    try {
      Deadline.insist(TELLING, "telling the driver", "its limit", () -> RunFeed.ask(line));
    } catch (Exception e) {
      LOG.warn("the driver may not know of this failure: {}", e.toString());
    }
  }

  /** The outermost cause of that kind; null if there is none. */
  static <T extends Throwable> T find(Throwable cause, Class<T> type) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return type.cast(at);
      }
    }
    return null;
  }

  /** The first line of what a failure says of itself. */
  static String describe(Throwable cause) {
    String message = cause.getMessage();
    if (message == null || message.isBlank()) {
      return cause.getClass().getName();
    }
    return message.lines().findFirst().orElse(message);
  }
}
