package io.elapid.observe.track;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowClientException;

/**
 * Turns events into requests as they are kept on disk, {@code {"metrics": [...], "params": [...],
 * "status": ...}}, and these into calls. Sending one twice does no harm: MLflow keeps one of equal
 * metrics.
 */
final class MlflowRequests {
  /** What MLflow takes in one request. */
  private static final int METRICS = 1000;

  private static final int PARAMS = 100;
  private static final int VALUE_LENGTH = 500;

  private static final JsonMapper JSON = new JsonMapper();

  private MlflowRequests() {}

  /** Requests that hold all that these events tell. */
  static List<JsonNode> of(List<JsonNode> events, Map<String, String> parameters) {
    List<JsonNode> requests = new ArrayList<>();
    ArrayNode metrics = array();
    for (JsonNode event : events) {
      switch (event.path("event").asText()) {
        case "run" -> {
          requests.add(object().put("status", RunStatus.RUNNING.name()));
          params(parameters, requests);
        }
        case "step", "evaluation" -> add(Scalars.of(event), metrics);
        case "end" -> {
          flush(metrics, requests);
          metrics = array();
          requests.add(
              object()
                  .put("status", status(event))
                  .put("end_time", Scalars.time(event).toEpochMilli()));
        }
        default -> {
          // nothing for MLflow
        }
      }
      if (metrics.size() >= METRICS / 2) {
        flush(metrics, requests);
        metrics = array();
      }
    }
    flush(metrics, requests);
    return requests;
  }

  /** By themselves: MLflow refuses a parameter that has changed, and all that came with it. */
  private static void params(Map<String, String> parameters, List<JsonNode> requests) {
    ArrayNode params = array();
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      String value = parameter.getValue();
      params
          .addObject()
          .put("key", parameter.getKey())
          .put("value", value.substring(0, Math.min(VALUE_LENGTH, value.length())));
      if (params.size() == PARAMS) {
        requests.add(object().set("params", params));
        params = array();
      }
    }
    if (!params.isEmpty()) {
      requests.add(object().set("params", params));
    }
  }

  private static void add(Scalars scalars, ArrayNode metrics) {
    scalars
        .values()
        .forEach(
            (name, value) ->
                metrics
                    .addObject()
                    .put("key", name)
                    .put("value", value)
                    .put("timestamp", scalars.time().toEpochMilli())
                    .put("step", scalars.step()));
  }

  private static void flush(ArrayNode metrics, List<JsonNode> requests) {
    if (!metrics.isEmpty()) {
      requests.add(object().set("metrics", metrics));
    }
  }

  private static String status(JsonNode event) {
    return switch (event.path("state").asText()) {
      case "finished" -> RunStatus.FINISHED.name();
      case "stopped" -> RunStatus.KILLED.name();
      default -> RunStatus.FAILED.name();
    };
  }

  /**
   * Sends a request.
   *
   * @throws MlflowClientException if the server does not take it, or what answers is no such server
   */
  static void send(JsonNode request, MlflowClient client, String runId) {
    String path = request.has("status") ? "runs/update" : "runs/log-batch";
    ObjectNode body = object().put("run_id", runId).setAll((ObjectNode) request);
    String answer = client.sendPost(path, body.toString());
    // the client takes for success what a proxy says that wants a password: a redirect, or a page
    if (!isObject(answer)) {
      throw new MlflowClientException("%s: the answer is not MLflow's".formatted(path));
    }
  }

  private static boolean isObject(String answer) {
    try {
      return JSON.readTree(answer).isObject();
    } catch (JacksonException e) {
      return false;
    }
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }
}
