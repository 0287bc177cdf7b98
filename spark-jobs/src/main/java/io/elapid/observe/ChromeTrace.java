package io.elapid.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What happened when, in the Trace Event Format that Chrome ({@code chrome://tracing}) and Perfetto
 * show: complete events on one track per process, an event that lies in another one's time below
 * it. Holds a bounded number of events; what comes after that is counted only.
 */
public final class ChromeTrace {
  /** Category of whole steps. */
  public static final String STEP = "step";

  /** Category of what a rank does within a step. */
  public static final String PHASE = "phase";

  /** Category of operations of the network. */
  public static final String OPERATION = "operation";

  /** About 20 MB of text. */
  static final int CAPACITY = 200_000;

  private static final JsonMapper JSON = new JsonMapper();
  private static final String EVENTS = "traceEvents";

  private final ArrayNode events = JSON.createArrayNode();
  private final int track;
  private final long epochMicros;
  private long dropped;

  /**
   * An empty trace of one track.
   *
   * @param track number, which orders the tracks
   * @param name shown beside it
   */
  public ChromeTrace(int track, String name) {
    this.track = track;
    this.epochMicros =
        TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis())
            - TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
    ObjectNode event = events.addObject();
    event.put("ph", "M").put("name", "process_name").put("pid", track).put("tid", 0);
    event.putObject("args").put("name", name);
  }

  /**
   * Adds an event that is over.
   *
   * @param name what happened, such as a kind of operation
   * @param detail which one; may be empty
   * @param start when it began, as {@link System#nanoTime()} counts
   */
  public void add(String category, String name, String detail, long start, long nanos) {
    if (events.size() >= CAPACITY) {
      dropped++;
      return;
    }
    ObjectNode event = events.addObject();
    event.put("ph", "X").put("cat", category).put("name", name).put("pid", track).put("tid", 0);
    event.put("ts", epochMicros + start / 1e3).put("dur", nanos / 1e3);
    if (!detail.isEmpty()) {
      event.putObject("args").put("name", detail);
    }
  }

  /** The trace as text. */
  public String json() {
    return text(events, dropped);
  }

  /**
   * Several traces as one.
   *
   * @throws UncheckedIOException if one of them is no trace
   */
  public static String merged(List<String> traces) {
    ArrayNode all = JSON.createArrayNode();
    long dropped = 0;
    for (String trace : traces) {
      JsonNode one = read(trace);
      one.path(EVENTS).forEach(all::add);
      dropped += one.path("otherData").path("dropped").asLong();
    }
    return text(all, dropped);
  }

  static JsonNode read(String trace) {
    try {
      return JSON.readTree(trace);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The complete events of a trace. */
  static Iterable<JsonNode> events(String trace) {
    return read(trace).path(EVENTS);
  }

  private static String text(ArrayNode events, long dropped) {
    ObjectNode root = JSON.createObjectNode();
    root.put("displayTimeUnit", "ms");
    root.putObject("otherData").put("dropped", dropped);
    root.set(EVENTS, events);
    return root.toString();
  }
}
