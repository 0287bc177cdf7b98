package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.observe.track.MlflowSettings;
import io.elapid.observe.track.Trackers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ended runs have left for MLflow is sent by {@code elapid runs --send}. */
final class RunsCommandTest {
  private static final String LOG =
      """
      {"event":"run","time":"2026-01-02T03:04:00Z","name":"r","model":"m","data":"d"}
      {"event":"end","time":"2026-01-02T03:04:05Z","state":"finished"}
      """;

  @TempDir Path folder;

  @Test
  void whatIsLeftIsSentOnceTheServerTakesIt() throws IOException {
    Path run = Files.createDirectories(folder.resolve("try-1"));
    Files.writeString(run.resolve("metrics.jsonl"), LOG);
    String address = leftBehind(run);

    Said refused = send();
    assertThat(refused.exit()).isEqualTo(FailureReport.RUN_FAILED);
    assertThat(refused.text()).contains("runs: try-1: 0 requests sent to " + address, " left: ");

    try (TrackerServer.Running back = TrackerServer.ANSWERING.start()) {
      // the same server, as far as the run is concerned
      Path known = run.resolve("mlflow/run.json");
      Files.writeString(
          known, Files.readString(known).replace(address, back.address().orElseThrow()));
      Said sent = send();
      assertThat(sent.exit()).as(sent.text()).isZero();
      assertThat(sent.text()).containsPattern("runs: try-1: [1-9]\\d* requests sent to ");
    }
    assertThat(send())
        .isEqualTo(new Said(0, "runs: nothing waits for MLflow" + System.lineSeparator()));
  }

  @Test
  void aRunThatDoesNotSayWhomToTellKeepsNoOtherFromBeingSent() throws IOException {
    for (String name : List.of("a-broken", "b-whole")) {
      Path run = Files.createDirectories(folder.resolve(name));
      Files.writeString(run.resolve("metrics.jsonl"), LOG);
      leftBehind(run);
    }
    Files.writeString(folder.resolve("a-broken/mlflow/run.json"), "{\"server\":\"http");

    Said said = send();

    assertThat(said.exit()).isEqualTo(FailureReport.RUN_FAILED);
    assertThat(said.text())
        .containsPattern("runs: a-broken: .*run.json has no 'server'")
        .contains("runs: b-whole: 0 requests sent to ");
  }

  /** Tells a server that fails of a run; returns its address. */
  private static String leftBehind(Path run) throws IOException {
    try (TrackerServer.Running server = TrackerServer.FAILING.start()) {
      String address = server.address().orElseThrow();
      try (Trackers trackers =
          Trackers.start(
              new Configuration(),
              new org.apache.hadoop.fs.Path(run.toUri()),
              Trackers.TensorBoard.OFF,
              Optional.of(
                  new MlflowSettings(
                      address, "elapid", "r", Duration.ofSeconds(5), Duration.ofSeconds(5), 100)),
              Map.of("seed", "1"))) {
        for (String line : LOG.lines().toList()) {
          trackers.accept(new JsonMapper().readTree(line));
        }
      }
      return address;
    }
  }

  private Said send() {
    return Said.of("runs", folder.toString(), "--send");
  }
}
