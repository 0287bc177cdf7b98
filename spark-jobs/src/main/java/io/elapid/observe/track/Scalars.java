package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The numbers of an event under the names that trackers show them by: {@code train/loss}, {@code
 * validation/top1}, {@code seconds/sync}.
 *
 * @param step updates done
 * @param time when it happened
 * @param values by name; NaN and infinities included
 */
record Scalars(long step, Instant time, Map<String, Double> values) {
  /** Where a number belongs rather than numbers to be shown. */
  private static final Set<String> PLACES =
      Set.of("step", "epoch", "total_steps", "samples", "attempt", "rank", "time", "event");

  private static final String SECONDS = "_seconds";

  static Scalars of(JsonNode event) {
    Map<String, Double> values = new TreeMap<>();
    String group =
        switch (event.path("event").asText()) {
          case "step" -> "train";
          case "evaluation" -> "validation";
          default -> "";
        };
    if (!group.isEmpty()) {
      event
          .fields()
          .forEachRemaining(
              field -> {
                double value = number(field.getValue());
                boolean shown = !PLACES.contains(field.getKey());
                if (shown && (!Double.isNaN(value) || isNan(field.getValue()))) {
                  values.put(name(group, field.getKey()), value);
                }
              });
    }
    return new Scalars(event.path("step").asLong(), time(event), values);
  }

  private static String name(String group, String field) {
    return field.endsWith(SECONDS)
        ? "seconds/" + field.substring(0, field.length() - SECONDS.length())
        : group + "/" + field;
  }

  // JSON has no NaN: it is written as text
  private static double number(JsonNode node) {
    return node.asDouble(Double.NaN);
  }

  private static boolean isNan(JsonNode node) {
    return node.asText().equals("NaN");
  }

  /** When an event happened; now, if it does not say. */
  static Instant time(JsonNode event) {
    try {
      return Instant.parse(event.path("time").asText());
    } catch (DateTimeParseException e) {
      return Instant.now();
    }
  }
}
