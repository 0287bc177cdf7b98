package io.elapid.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.config.Recipe;
import io.elapid.observe.MetricsLog;
import io.elapid.observe.ProgressLine;
import io.elapid.observe.tab.SparkWatch;
import io.elapid.observe.track.Trackers;
import io.elapid.worker.RunEvents;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

/**
 * What a run looks like while it runs: the metrics log on disk, the progress line on the screen,
 * Spark's own pages, and what trackers make of it.
 */
final class RunProgress implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final MetricsLog log;
  private final ProgressLine line;
  private final Trackers trackers;
  private final SparkWatch watch;
  private long stepsPerEpoch = 1;
  private long totalSteps = 1;

  RunProgress(RunFolder folder, Recipe recipe, SparkWatch watch, PrintStream out)
      throws IOException {
    this.watch = watch;
    this.log = MetricsLog.open(folder.hadoop(), folder.root());
    this.line = new ProgressLine(out, ProgressLine.Style.detect());
    this.trackers = RunTracking.start(folder, recipe);
    tell(
        "run",
        "name",
        recipe.name(),
        "model",
        recipe.model().name(),
        "data",
        recipe.data().requirePath(),
        "metric",
        recipe.metric().name().toLowerCase(Locale.ROOT),
        "version",
        Version.current());
    watch.accept(event(RunEvents.line("recipe", "text", recipe.render())));
    RunTracking.pictures(folder.hadoop(), recipe, trackers);
  }

  /**
   * Notes how the run has ended.
   *
   * @param state finished, stopped or failed
   * @param message why, in one line
   */
  void ended(String state, String message) {
    tell("end", "state", state, "message", message);
  }

  private void tell(String event, Object... fields) {
    String json = RunEvents.line(event, fields);
    log(json);
    JsonNode node = event(json);
    trackers.accept(node);
    watch.accept(node);
  }

  private static JsonNode event(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  void log(String json) {
    log.append(json);
  }

  void message(String text) {
    line.message(text);
  }

  void show(JsonNode event) {
    watch.accept(event);
    String kind = event.path("event").asText();
    if (!kind.equals(RunEvents.RANK_TIMES)) {
      // of every rank, and no tracker shows them
      trackers.accept(event);
    }
    switch (kind) {
      case "start" -> {
        stepsPerEpoch = event.path("steps_per_epoch").asLong(1);
        totalSteps = event.path("total_steps").asLong(1);
        message(
            "train: %s ranks, %,d steps of %s pictures an epoch, %,d in all"
                .formatted(
                    event.path("ranks").asText(),
                    stepsPerEpoch,
                    event.path("batch").asText(),
                    totalSteps));
      }
      case "sums" -> {
        String obstacle = event.path("because").asText();
        message(
            obstacle.isEmpty()
                ? "train: ranks sum by " + event.path("by").asText()
                : "train: ranks sum over sockets, not by NCCL: " + obstacle);
      }
      case "step" -> line.update(position(event));
      case "evaluation" ->
          message(
              "train: epoch %s: validation %s"
                  .formatted(event.path("epoch").asText(), event.path("summary").asText()));
      case "checkpoint" ->
          message(
              String.format(
                  Locale.ROOT,
                  "train: checkpoint of step %,d written in %.1f s",
                  event.path("step").asLong(),
                  event.path("seconds").asDouble()));
      case "checkpoint_failed" ->
          message(
              "train: the checkpoint of step %,d could not be written, the run goes on: %s"
                  .formatted(event.path("step").asLong(), event.path("message").asText()));
      case "early_stop" ->
          message(
              "train: epoch %s: stopped early, no better %s for %s evaluations"
                  .formatted(
                      event.path("epoch").asText(),
                      event.path("metric").asText(),
                      event.path("evaluations").asText()));
      default -> {
        // for the log only
      }
    }
  }

  private ProgressLine.Position position(JsonNode event) {
    return new ProgressLine.Position(
        event.path("epoch").asLong() + 1,
        (totalSteps + stepsPerEpoch - 1) / stepsPerEpoch,
        event.path("step").asLong(),
        totalSteps,
        event.path("loss").asDouble(),
        event.path("samples_per_second").asDouble());
  }

  @Override
  public void close() {
    line.close();
    log.close();
    trackers.close();
  }
}
