package io.elapid.observe.track;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.observe.track.MlflowStandIn.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of metrics when the server is well, silent, failing, gone, or back. */
final class MlflowTrackerTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TIMEOUT = Duration.ofMillis(400);
  private static final Duration LINGER = Duration.ofMinutes(2);
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;
  private MlflowStandIn server;

  @BeforeEach
  void start() throws IOException {
    server = new MlflowStandIn();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aRunArrivesWithParametersMetricsAndItsEnd() throws IOException {
    try (Trackers trackers = trackers(100, Map.of("model.name", "m1", "seed", "1"))) {
      tell(trackers, "{\"event\":\"run\",\"name\":\"r\"}");
      steps(trackers, 1, 3);
      Awaitility.await().atMost(SOON).until(() -> arrived().size() == 3);
      tell(
          trackers, "{\"event\":\"end\",\"time\":\"2026-01-02T03:04:05Z\",\"state\":\"finished\"}");
    }

    // what a busy machine has not sent in the moment that a server gets of so short a run
    leftovers();
    assertThat(server.created()).hasSize(1);
    assertThat(server.created().get(0).path("experiment_id").asText()).isEqualTo("7");
    assertThat(server.params())
        .extracting(p -> p.path("key").asText())
        .containsExactlyInAnyOrder("model.name", "seed");
    assertThat(arrived()).isEqualTo(expected(1, 3));
    JsonNode metric = server.metrics().get(0);
    assertThat(metric.path("key").asText()).isEqualTo("train/loss");
    assertThat(metric.path("value").asDouble()).isEqualTo(0.5);
    assertThat(metric.path("timestamp").asLong()).isEqualTo(1767323041000L);
    JsonNode end = server.updates().get(server.updates().size() - 1);
    assertThat(end.path("status").asText()).isEqualTo("FINISHED");
    assertThat(end.path("end_time").asLong()).isEqualTo(1767323045000L);
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILING", "REDIRECTED", "HIDDEN"})
  void whatAServerDoesNotTakeArrivesWhenItIsBack(Health trouble) throws IOException {
    try (Trackers trackers = trackers(100, Map.of())) {
      steps(trackers, 1, 2);
      Awaitility.await().atMost(SOON).until(() -> server.metrics().size() == 2);
      server.health(trouble);
      steps(trackers, 3, 6);
      Awaitility.await().atMost(SOON).until(() -> waiting() > 0);
      server.health(Health.WELL);
      Awaitility.await().atMost(SOON).until(() -> arrived().size() == 6 && waiting() == 0);
    }

    assertThat(arrived()).isEqualTo(expected(1, 6));
  }

  @Test
  void aSilentServerHoldsNobodyUpAndItsRunGoesOnInTheNextSubmission() throws IOException {
    server.health(Health.SILENT);
    long began = System.nanoTime();
    try (Trackers trackers = trackers(100, Map.of())) {
      steps(trackers, 1, 500);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LINGER.dividedBy(2));
    assertThat(server.metrics()).isEmpty();
    assertThat(waiting()).isPositive();

    server.health(Health.WELL);
    try (Trackers trackers = trackers(100, Map.of())) {
      steps(trackers, 501, 501);
      Awaitility.await().atMost(SOON).until(() -> waiting() == 0 && arrived().size() == 501);
    }

    assertThat(arrived()).isEqualTo(expected(1, 501));
    assertThat(server.created()).hasSize(1);
  }

  @Test
  void whatAnEndedRunHasLeftIsSentLater() throws IOException {
    server.health(Health.FAILING);
    try (Trackers trackers = trackers(100, Map.of("seed", "1"))) {
      tell(trackers, "{\"event\":\"run\",\"name\":\"r\"}");
      steps(trackers, 1, 3);
      tell(trackers, "{\"event\":\"end\",\"state\":\"finished\"}");
    }
    assertThat(MlflowLeftovers.exist(new Configuration(), run())).isTrue();

    MlflowLeftovers.Outcome still = leftovers().orElseThrow();
    assertThat(still.sent()).isZero();
    assertThat(still.left()).isEqualTo((int) waiting()).isPositive();
    assertThat(still.problem()).contains(server.address());
    server.health(Health.WELL);
    MlflowLeftovers.Outcome sent = leftovers().orElseThrow();

    assertThat(sent.sent()).isEqualTo(still.left());
    assertThat(sent.left()).isZero();
    assertThat(sent.problem()).isEmpty();
    assertThat(arrived()).isEqualTo(expected(1, 3));
    assertThat(server.created().get(0).path("tags").toString()).contains("\"value\":\"r\"");
    assertThat(server.updates().get(server.updates().size() - 1).path("status").asText())
        .isEqualTo("FINISHED");
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aServerThatIsGoneAndComesBackIsToldEverything() throws IOException {
    int port = server.port();
    server.close();
    try (Trackers trackers = trackers(100, Map.of(), port)) {
      steps(trackers, 1, 4);
      Awaitility.await().atMost(SOON).until(() -> waiting() > 0);
      server = new MlflowStandIn(port);
      Awaitility.await().atMost(SOON).until(() -> arrived().size() == 4 && waiting() == 0);
    }

    assertThat(arrived()).isEqualTo(expected(1, 4));
  }

  @Test
  void aRunWhoseCreationWasNotConfirmedIsFoundAgain() throws IOException {
    server.health(Health.FORGETFUL);
    try (Trackers trackers = trackers(100, Map.of())) {
      steps(trackers, 1, 1);
      Awaitility.await().atMost(SOON).until(() -> waiting() > 0);
      server.health(Health.WELL);
      Awaitility.await().atMost(SOON).until(() -> waiting() == 0);
    }

    assertThat(server.created()).hasSize(1);
    assertThat(arrived()).isEqualTo(expected(1, 1));
  }

  @Test
  void aServerThatMakesTheRunLateIsAskedForItOnce() throws IOException {
    server.health(Health.LATE);
    try (Trackers trackers = trackers(100, Map.of())) {
      steps(trackers, 1, 1);
      Awaitility.await().atMost(SOON).until(() -> waiting() > 0);
    }
    try (Trackers trackers = trackers(100, Map.of())) {
      steps(trackers, 2, 2);
      Awaitility.await().atMost(SOON).until(() -> waiting() == 0 && arrived().size() == 2);
    }

    assertThat(server.asked()).isEqualTo(1);
    assertThat(server.created()).hasSize(1);
    assertThat(arrived()).isEqualTo(expected(1, 2));
  }

  @Test
  void aFullSpoolForgetsTheOldest() throws IOException {
    server.health(Health.FAILING);
    MlflowTracker tracker =
        new MlflowTracker(
            settings(3, server.port()), new Configuration(), Trackers.mlflow(run()), Map.of());
    Ending ending = new Ending();
    for (long step = 1; step <= 10; step++) {
      tracker.accept(List.of(step(step)), ending);
    }
    assertThat(waiting()).isEqualTo(3);
    server.health(Health.WELL);
    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> {
              tracker.accept(List.of(), ending);
              return waiting() == 0;
            });
    tracker.end(ending);

    assertThat(arrived()).isEqualTo(expected(8, 10));
  }

  @Test
  void theCommandThatSendsTheRestCanBePasted() throws IOException {
    server.health(Health.FAILING);
    org.apache.hadoop.fs.Path run = new org.apache.hadoop.fs.Path(run(), "my run");
    MlflowTracker tracker =
        new MlflowTracker(
            settings(3, server.port()), new Configuration(), Trackers.mlflow(run), Map.of());
    tracker.accept(List.of(step(1)), new Ending());

    assertThat(tracker.unfinished().orElseThrow())
        .contains("'elapid runs \"%s\" --send'".formatted(run));
  }

  private Trackers trackers(int spool, Map<String, String> parameters) {
    return trackers(spool, parameters, server.port());
  }

  private Trackers trackers(int spool, Map<String, String> parameters, int port) {
    return Trackers.start(
        new Configuration(),
        run(),
        Trackers.TensorBoard.OFF,
        Optional.of(settings(spool, port)),
        parameters);
  }

  private static MlflowSettings settings(int spool, int port) {
    return new MlflowSettings("http://127.0.0.1:" + port, "elapid", "r", TIMEOUT, LINGER, spool);
  }

  private org.apache.hadoop.fs.Path run() {
    return new org.apache.hadoop.fs.Path(folder.toString());
  }

  private Optional<MlflowLeftovers.Outcome> leftovers() throws IOException {
    return MlflowLeftovers.send(new Configuration(), run(), TIMEOUT);
  }

  private static void steps(Trackers trackers, long first, long last) throws IOException {
    for (long step = first; step <= last; step++) {
      trackers.accept(step(step));
    }
  }

  private static JsonNode step(long step) throws IOException {
    return JSON.readTree(
        """
        {"event":"step","time":"2026-01-02T03:04:01Z","step":%d,"loss":%s}"""
            .formatted(step, step / 2.0));
  }

  private static void tell(Trackers trackers, String json) throws IOException {
    trackers.accept(JSON.readTree(json));
  }

  /** Loss by step; MLflow keeps one of equal metrics, so repeats do not count. */
  private Map<Long, Double> arrived() {
    Map<Long, Double> losses = new TreeMap<>();
    server.metrics().forEach(m -> losses.put(m.path("step").asLong(), m.path("value").asDouble()));
    return losses;
  }

  private static Map<Long, Double> expected(long first, long last) {
    Map<Long, Double> losses = new TreeMap<>();
    LongStream.rangeClosed(first, last).forEach(step -> losses.put(step, step / 2.0));
    return losses;
  }

  private long waiting() throws IOException {
    Path spool = folder.resolve("mlflow");
    if (!Files.isDirectory(spool)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(spool)) {
      return files.filter(f -> f.getFileName().toString().matches("\\d{12}\\.json")).count();
    }
  }
}
