package io.elapid.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Chooses what of a run goes into Spark's event log: about a thousand points of training, whatever
 * the number of steps, and the times of the ranks now and then. Belongs to one thread at a time.
 */
public final class LoggedEvents {
  private static final long POINTS = 1000;
  private static final long TIMES_EVERY = Duration.ofMinutes(5).toNanos();

  private final TreeMap<Integer, JsonNode> times = new TreeMap<>();
  private long stride = 1;
  private long lastStep;
  private long timesLogged = System.nanoTime();
  private JsonNode pending;
  private double losses;
  private int count;

  /** What is to be logged now that {@code event} has come; often nothing. */
  public List<JsonNode> after(JsonNode event) {
    List<JsonNode> logged = new ArrayList<>();
    switch (event.path("event").asText()) {
      case "gradients", "picture" -> {
        // far too long
      }
      case "rank_times" -> {
        times.put(event.path("rank").asInt(), event);
        if (System.nanoTime() - timesLogged > TIMES_EVERY) {
          takeTimes(logged);
        }
      }
      case "step" -> {
        join(event);
        if (event.path("step").asLong() - lastStep >= stride) {
          takeStep(logged);
        }
      }
      case "start" -> {
        takeStep(logged);
        times.clear();
        lastStep = event.path("step").asLong();
        stride = Math.max(1, event.path("total_steps").asLong() / POINTS);
        logged.add(event);
      }
      case "attempt_failed", "failure", "end" -> {
        takeStep(logged);
        takeTimes(logged);
        logged.add(event);
      }
      default -> logged.add(event);
    }
    return logged;
  }

  private void join(JsonNode event) {
    pending = event;
    losses += event.path("loss").asDouble(Double.NaN);
    count++;
  }

  private void takeStep(List<JsonNode> logged) {
    if (pending == null) {
      return;
    }
    // others have the same event in hand
    logged.add(count == 1 ? pending : pending.<ObjectNode>deepCopy().put("loss", losses / count));
    lastStep = pending.path("step").asLong();
    pending = null;
    losses = 0;
    count = 0;
  }

  private void takeTimes(List<JsonNode> logged) {
    logged.addAll(times.values());
    times.clear();
    timesLogged = System.nanoTime();
  }
}
