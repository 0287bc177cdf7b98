package io.elapid.observe;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of a run while it runs, from its events in the order of time. Memory is bounded
 * however long the run lasts: curves are thinned, the oldest failures are forgotten. Safe for use
 * by several threads.
 */
public final class LiveRun {
  private static final Logger LOG = LoggerFactory.getLogger(LiveRun.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MOST_POINTS = 1200;
  private static final int MOST_MISHAPS = 50;
  private static final int NEVER = -1;

  private HistoryBuilder history = new HistoryBuilder(MOST_POINTS);
  private final Map<String, String> about = new TreeMap<>();
  private final TreeMap<Integer, RankTimes> ranks = new TreeMap<>();
  private final Deque<Mishap> mishaps = new ArrayDeque<>();
  private int attempt;

  /** The attempt that has stopped on request. */
  private int stopped = NEVER;

  private int starts;
  private String recipe = "";
  private State state = State.WAITING;
  private String message = "";
  private RunGauges gauges = RunGauges.NONE;

  /** How far a run has come. */
  enum State {
    WAITING("waiting for the ranks"),
    RUNNING("training"),
    FINISHED("finished"),
    STOPPED("stopped"),
    FAILED("failed");

    private final String words;

    State(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /**
   * Something that went wrong.
   *
   * @param time when, in UTC
   * @param where rank and host, or the whole attempt
   */
  record Mishap(String time, String where, String message) {}

  /**
   * A run at one moment.
   *
   * @param about name, model, data, metric and version of the run
   * @param recipe as text; empty if unknown
   * @param restarts beginnings after the first
   * @param message why the run ended
   */
  record Moment(
      Map<String, String> about,
      String recipe,
      State state,
      String message,
      int restarts,
      RunGauges gauges,
      RunHistory history,
      List<RankTimes> ranks,
      List<Mishap> mishaps) {}

  /** Takes in one line; one that is not JSON is passed over. */
  public void accept(String line) {
    try {
      accept(JSON.readTree(line));
    } catch (JacksonException e) {
      LOG.debug("not JSON: {}", line);
    }
  }

  /** Takes in one event. */
  public synchronized void accept(JsonNode event) {
    switch (event.path("event").asText()) {
      case "run" -> begin(event);
      case "recipe" -> recipe = event.path("text").asText();
      case "rank" -> rank(event);
      case "rank_times" -> times(event);
      case "start" -> {
        starts++;
        state = State.RUNNING;
        gauges = gauges.started(event);
        history.add(event);
      }
      case "step" -> {
        gauges = gauges.stepped(event);
        history.add(event);
      }
      case "evaluation" -> {
        history.add(event);
        gauges = gauges.evaluated(history.build().last().orElseThrow().headline());
      }
      case "stopped" -> stopped = event.path("attempt").asInt();
      case "failure" -> failure(event);
      case "attempt_failed" -> {
        state = State.WAITING;
        mishap(event, "attempt " + event.path("attempt").asText());
      }
      case "checkpoint_failed" ->
          mishap(event, "checkpoint of step " + event.path("step").asText());
      case "end" -> end(event);
      default -> LOG.trace("not shown: {}", event);
    }
  }

  /** The latest numbers. */
  public synchronized RunGauges gauges() {
    return gauges;
  }

  /** Beginnings after the first. */
  public synchronized int restarts() {
    return Math.max(0, starts - 1);
  }

  synchronized Moment now() {
    return new Moment(
        Map.copyOf(about),
        recipe,
        state,
        message,
        restarts(),
        gauges,
        history.build(),
        List.copyOf(ranks.values()),
        new ArrayList<>(mishaps));
  }

  /** One Spark application may train several times: the last run is shown. */
  private void begin(JsonNode event) {
    history = new HistoryBuilder(MOST_POINTS);
    about.clear();
    ranks.clear();
    mishaps.clear();
    attempt = 0;
    stopped = NEVER;
    starts = 0;
    message = "";
    state = State.WAITING;
    gauges = RunGauges.NONE;
    for (String name : List.of("name", "model", "data", "metric", "version")) {
      about.put(name, event.path(name).asText());
    }
  }

  private void rank(JsonNode event) {
    inAttempt(event);
    ranks.put(event.path("rank").asInt(), RankTimes.introduced(event));
  }

  private void times(JsonNode event) {
    inAttempt(event);
    ranks.compute(
        event.path("rank").asInt(),
        (rank, known) -> (known == null ? RankTimes.introduced(event) : known).at(event));
  }

  private void inAttempt(JsonNode event) {
    int of = event.path("attempt").asInt();
    if (of != attempt) {
      ranks.clear();
      attempt = of;
    }
  }

  private void failure(JsonNode event) {
    if (event.path("of_peer").asBoolean() && event.path("attempt").asInt() == stopped) {
      // no failure: a rank that stopped on request has ended the group
      return;
    }
    mishap(
        event,
        "rank %s on %s, step %s, %s"
            .formatted(
                event.path("rank").asText(),
                event.path("host").asText(),
                event.path("step").asText(),
                event.path("phase").asText()));
  }

  private void mishap(JsonNode event, String where) {
    mishaps.addFirst(
        new Mishap(event.path("time").asText(), where, event.path("message").asText()));
    if (mishaps.size() > MOST_MISHAPS) {
      mishaps.removeLast();
    }
  }

  private void end(JsonNode event) {
    state =
        switch (event.path("state").asText()) {
          case "finished" -> State.FINISHED;
          case "stopped" -> State.STOPPED;
          default -> State.FAILED;
        };
    message = event.path("message").asText();
  }
}
