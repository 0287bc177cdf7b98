package io.elapid.worker;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.engine.StepStats;
import io.elapid.observe.RunFeed;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the driver hears from the ranks while a round runs: which steps they have done, how long
 * they took, where they are. A step that all have done is told on as one; what is done again,
 * because Spark tried a task again, is told once.
 */
final class RoundBook implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final int attempt;
  private final int ranks;
  private final Listener listener;
  private final Map<Long, Map<Integer, StepStats>> steps = new TreeMap<>();
  private final Map<Integer, BusySeconds> busy = new HashMap<>();
  private final Map<Integer, String> places = new HashMap<>();
  private final RunFeed.Subscription subscription;
  private long next;
  private volatile long heard = System.nanoTime();
  private volatile boolean failed;

  /** Is told of every step, in order. */
  @FunctionalInterface
  interface Listener {
    /** All ranks have done that step. */
    void done(long step, StepStats mean);
  }

  /** Opens the book of an attempt and listens. */
  RoundBook(int attempt, int ranks, Listener listener) {
    this.attempt = attempt;
    this.ranks = ranks;
    this.listener = listener;
    this.subscription = RunFeed.subscribe(this::accept);
  }

  /** What a rank tells of a step. */
  static Map<String, Object> row(
      Map<String, Object> whereabouts, StepStats stats, BusySeconds busy) {
    Map<String, Object> row = new LinkedHashMap<>(whereabouts);
    row.put("loss", stats.loss());
    row.put("grad_norm", stats.gradNorm());
    row.put("figures", stats.figures());
    row.put("busy", List.of(busy.data(), busy.compute(), busy.update()));
    return row;
  }

  private String accept(String line) {
    try {
      JsonNode event = JSON.readTree(line);
      if (event.path("attempt").asInt(-1) == attempt) {
        heard = System.nanoTime();
        accept(event);
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not a report of a rank: " + line, e);
    }
    return "";
  }

  private synchronized void accept(JsonNode event) {
    switch (event.path("event").asText()) {
      case "failure" -> failed = true;
      case RunEvents.RANK_STEP -> {
        int rank = event.path("rank").asInt();
        JsonNode seconds = event.path("busy");
        busy.merge(
            rank,
            new BusySeconds(
                seconds.path(0).asDouble(), seconds.path(1).asDouble(), seconds.path(2).asDouble()),
            BusySeconds::plus);
        places.put(
            rank, Placement.of(event.path("host").asText(), event.path("executor").asText()));
        long step = event.path("step").asLong();
        if (step >= next) {
          steps.computeIfAbsent(step, key -> new HashMap<>()).put(rank, stats(event));
          tellOn();
        }
      }
      default -> {
        // a sign of life
      }
    }
  }

  private static StepStats stats(JsonNode event) {
    Map<String, Double> figures = new LinkedHashMap<>();
    event
        .path("figures")
        .properties()
        .forEach(figure -> figures.put(figure.getKey(), figure.getValue().asDouble()));
    return new StepStats(
        event.path("loss").asDouble(), figures, event.path("grad_norm").asDouble());
  }

  private void tellOn() {
    while (steps.containsKey(next) && steps.get(next).size() == ranks) {
      long step = next++;
      listener.done(step, mean(steps.remove(step)));
    }
  }

  /** All ranks have the same number of samples. */
  private static StepStats mean(Map<Integer, StepStats> all) {
    Map<String, Double> figures = new LinkedHashMap<>();
    all.values()
        .forEach(
            one ->
                one.figures()
                    .forEach(
                        (name, value) -> figures.merge(name, value / all.size(), Double::sum)));
    return new StepStats(
        all.values().stream().mapToDouble(StepStats::loss).average().orElseThrow(),
        figures,
        all.values().stream().mapToDouble(StepStats::gradNorm).average().orElseThrow());
  }

  /** Everything before that step is done; reports of it that have not come are not waited for. */
  synchronized void goOn(long step) {
    steps.keySet().removeIf(old -> old < step);
    next = step;
  }

  synchronized BusySeconds busy(int rank) {
    return busy.getOrDefault(rank, BusySeconds.NONE);
  }

  /** Where ranks have been last. */
  synchronized Map<Integer, String> places() {
    return Map.copyOf(places);
  }

  /** When a rank was heard of last, as {@link System#nanoTime()} counts. */
  long heard() {
    return heard;
  }

  /** Whether a rank has failed. */
  boolean failed() {
    return failed;
  }

  @Override
  public void close() {
    subscription.close();
  }
}
