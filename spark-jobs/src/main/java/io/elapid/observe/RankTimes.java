package io.elapid.observe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.Map;

/**
 * Where the time of one rank has gone since the attempt began.
 *
 * @param gpu its address; empty without one
 * @param step updates done when it said so
 * @param seconds by activity
 */
record RankTimes(
    int rank,
    String host,
    String executor,
    String gpu,
    long step,
    Map<Attempt.Activity, Double> seconds) {

  static RankTimes introduced(JsonNode event) {
    return new RankTimes(
        event.path("rank").asInt(),
        event.path("host").asText(),
        event.path("executor").asText(),
        event.path("gpu").asText(),
        0,
        Map.of());
  }

  RankTimes at(JsonNode event) {
    Map<Attempt.Activity, Double> spent = new EnumMap<>(Attempt.Activity.class);
    for (Attempt.Activity activity : Attempt.Activity.values()) {
      spent.put(activity, event.path(activity.field()).asDouble(0));
    }
    return new RankTimes(rank, host, executor, gpu, event.path("step").asLong(), spent);
  }

  double of(Attempt.Activity activity) {
    return seconds.getOrDefault(activity, 0.0);
  }

  /** Seconds of what the others wait for: a rank that is slow has much of it and waits little. */
  double own() {
    return of(Attempt.Activity.COMPUTE) + of(Attempt.Activity.DATA) + of(Attempt.Activity.UPDATE);
  }

  double total() {
    return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
