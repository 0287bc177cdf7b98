package io.elapid.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.observe.MetricsLog;
import io.elapid.observe.ProgressLine;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Locale;

/**
 * What a run looks like while it runs: the metrics log on disk, the progress line on the screen.
 */
final class RunProgress implements AutoCloseable {
  private final MetricsLog log;
  private final ProgressLine line;
  private long stepsPerEpoch = 1;
  private long totalSteps = 1;

  RunProgress(RunFolder folder, PrintStream out) throws IOException {
    this.log = MetricsLog.open(folder.hadoop(), folder.root());
    this.line = new ProgressLine(out, ProgressLine.Style.detect(), Clock.systemUTC());
  }

  void log(String json) {
    log.append(json);
  }

  void message(String text) {
    line.message(text);
  }

  void show(JsonNode event) {
    switch (event.path("event").asText()) {
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
        totalSteps / stepsPerEpoch,
        event.path("step").asLong(),
        totalSteps,
        event.path("loss").asDouble(),
        event.path("samples_per_second").asDouble());
  }

  @Override
  public void close() {
    line.close();
    log.close();
  }
}
