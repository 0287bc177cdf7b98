package io.elapid.observe;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers a {@link RunHistory} from the lines of a log in the order of time.
 *
 * <p>It understands the events {@code start}, {@code step} and {@code evaluation} and passes over
 * all others. A run that fell back to a checkpoint does some steps again: what the later attempt
 * reports replaces what the earlier one had said of those steps and all after.
 */
public final class HistoryBuilder {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryBuilder.class);
  private static final JsonMapper JSON = new JsonMapper();

  private final StepCurve steps;
  private final TreeMap<Long, EpochPoint> epochs = new TreeMap<>();
  private final List<Attempt> attempts = new ArrayList<>();

  /** Keeps every point. */
  public HistoryBuilder() {
    this(Integer.MAX_VALUE);
  }

  /** Keeps at most so many points of training, which stand for all of them. */
  HistoryBuilder(int most) {
    steps = new StepCurve(most);
  }

  /** Takes in one line; one that is not JSON, such as a killed writer leaves, is passed over. */
  public HistoryBuilder add(String line) {
    try {
      add(JSON.readTree(line));
    } catch (JacksonException e) {
      LOG.warn("Skipping a line that is not JSON: {}", line);
    }
    return this;
  }

  /** What has been told so far. */
  public RunHistory build() {
    return new RunHistory(steps.points(), List.copyOf(epochs.values()), attempts);
  }

  /** Takes in one event. */
  void add(JsonNode event) {
    long step = event.path("step").asLong();
    switch (event.path("event").asText()) {
      case "start" -> {
        steps.cutAfter(step);
        epochs.tailMap(step, false).clear();
        attempts.add(attempt(event));
      }
      case "step" -> {
        steps.add(step(event));
        spend(event);
      }
      case "evaluation" -> {
        epochs.tailMap(step).clear();
        epochs.put(step, evaluation(event));
      }
      default -> LOG.trace("not part of the history: {}", event);
    }
  }

  private static Attempt attempt(JsonNode event) {
    return new Attempt(
        event.path("ranks").asInt(),
        event.path("step").asLong(),
        event.path("steps_per_epoch").asLong(),
        event.path("total_steps").asLong(),
        event.path("batch").asInt(),
        Map.of());
  }

  private static StepPoint step(JsonNode event) {
    return new StepPoint(
        event.path("step").asLong(),
        number(event, "loss"),
        number(event, "lr"),
        number(event, "samples_per_second"));
  }

  private static EpochPoint evaluation(JsonNode event) {
    return new EpochPoint(
        event.path("epoch").asLong(),
        event.path("step").asLong(),
        number(event, "loss"),
        number(event, "top1"),
        number(event, "top5"),
        number(event, "miou"),
        number(event, "ap"),
        number(event, "mask_ap"));
  }

  // the seconds in a step event are totals since the attempt began
  private void spend(JsonNode event) {
    if (attempts.isEmpty()) {
      return;
    }
    Map<Attempt.Activity, Duration> spent = new EnumMap<>(Attempt.Activity.class);
    for (Attempt.Activity activity : Attempt.Activity.values()) {
      double seconds = event.path(activity.field()).asDouble(0);
      if (seconds > 0) {
        spent.put(activity, Duration.ofMillis(Math.round(seconds * 1000)));
      }
    }
    int last = attempts.size() - 1;
    attempts.set(last, attempts.get(last).withSpent(spent));
  }

  // JSON has no NaN: it is written as text
  private static double number(JsonNode event, String field) {
    return event.path(field).asDouble(Double.NaN);
  }
}
