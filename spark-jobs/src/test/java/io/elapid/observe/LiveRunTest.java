package io.elapid.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;

/** What the Training tab shows of a run, and how little of a long one is kept. */
final class LiveRunTest {
  private static final JsonMapper JSON = new JsonMapper();

  private final LiveRun run = new LiveRun();

  @Test
  void showsWhereEachRanksTimeGoesAndTheSlowestFirst() {
    begin(3, 100);
    for (int rank = 0; rank < 3; rank++) {
      run.accept(
          "{\"event\":\"rank\",\"attempt\":0,\"rank\":%d,\"host\":\"node%d\",\"gpu\":\"\"}"
              .formatted(rank, rank));
      run.accept(times(0, rank, 10, rank == 1 ? 8 : 5, rank == 1 ? 1 : 4));
    }

    Document page = page();
    List<Element> rows = page.select("#training-ranks tbody tr");
    assertThat(rows).extracting(row -> row.attr("data-rank")).startsWith("1").hasSize(3);
    assertThat(page.select(".slowest").text())
        .contains("rank 1 on node1")
        .contains("10 s")
        .contains("median rank has 7 s");
    Element computing = rows.get(0).selectFirst("span[title^=computing]");
    assertThat(computing.attr("data-seconds")).isEqualTo("8.000");
    assertThat(computing.attr("style")).contains("flex-grow:0.7273");
  }

  @Test
  void aRestartForgetsTheRanksOfTheAttemptBeforeAndIsCounted() {
    begin(2, 100);
    run.accept(times(0, 0, 10, 5, 1));
    run.accept(times(0, 1, 10, 5, 1));
    run.accept(step(10, 2.0, 5, 1));
    run.accept(
        """
        {"event":"failure","time":"2026-03-01T12:34:56.789Z","attempt":0,"rank":1,
         "host":"<b>h","step":12,
         "phase":"computing gradients","message":"gone & lost"}
        """);
    run.accept("{\"event\":\"attempt_failed\",\"time\":\"T2\",\"attempt\":0,\"message\":\"why\"}");
    assertThat(page().select("#elapid-training").attr("data-state")).isEqualTo("waiting");

    run.accept("{\"event\":\"rank\",\"attempt\":1,\"rank\":0,\"host\":\"node7\"}");
    run.accept("{\"event\":\"start\",\"ranks\":1,\"step\":5,\"total_steps\":100}");

    Document page = page();
    assertThat(page.select("#training-ranks tbody tr")).hasSize(1);
    assertThat(page.select("#training-failures tr")).hasSize(2);
    assertThat(page.select("#training-failures").text())
        .contains("2026-03-01 12:34:56 UTC rank 1 on <b>h, step 12, computing gradients")
        .contains("T2")
        .contains("gone & lost");
    assertThat(page.select(".tile:contains(restarts) b").text()).isEqualTo("1");
    assertThat(run.restarts()).isEqualTo(1);
    assertThat(run.gauges().done()).isEqualTo(5);
    assertThat(run.now().history().steps()).isEmpty();
  }

  @Test
  void whatAStopOnRequestDoesToTheOtherRanksIsNoFailure() {
    begin(2, 100);
    run.accept("{\"event\":\"stopped\",\"attempt\":2,\"step\":12}");
    String failure =
        """
        {"event":"failure","time":"T1","attempt":2,"rank":1,"host":"h","step":12,"of_peer":%s,
         "phase":"computing gradients","message":"%s"}
        """;
    run.accept(failure.formatted(true, "rank 0 stopped the run"));
    run.accept(failure.formatted(false, "a fault of its own"));

    assertThat(run.now().mishaps())
        .extracting(LiveRun.Mishap::message)
        .containsExactly("a fault of its own");
  }

  @Test
  void sharesAreOfTheTimeSinceTheReportBefore() {
    begin(2, 100);
    run.accept(step(10, 2.0, 6, 4));
    assertThat(run.gauges().syncShare()).isCloseTo(0.4, within(1e-12));
    run.accept(step(20, 1.5, 9, 5));

    assertThat(run.gauges().syncShare()).isCloseTo(0.25, within(1e-12));
    assertThat(run.gauges().loss()).isEqualTo(1.5);
    assertThat(RunGauges.byName().get("sync_seconds").applyAsDouble(run.gauges())).isEqualTo(5);
    assertThat(RunGauges.byName().get("ranks").applyAsDouble(run.gauges())).isEqualTo(2);
  }

  @Test
  void aLongRunIsThinnedAndItsMeansAreKept() {
    int steps = 100_000;
    begin(2, steps);
    LoggedEvents logged = new LoggedEvents();
    List<JsonNode> kept = new ArrayList<>(logged.after(start(steps)));
    double sum = 0;
    for (int i = 1; i <= steps; i++) {
      double loss = 5.0 - 4.0 * i / steps;
      sum += loss;
      JsonNode event = step(i, loss, i, 1);
      run.accept(event);
      kept.addAll(logged.after(event));
    }
    kept.addAll(logged.after(json("{\"event\":\"end\",\"state\":\"finished\"}")));

    List<StepPoint> points = run.now().history().steps();
    assertThat(points).hasSizeBetween(600, 1200);
    assertThat(points.get(points.size() - 1).step()).isEqualTo(steps);
    double mean = points.stream().mapToDouble(StepPoint::loss).average().orElseThrow();
    assertThat(mean).isCloseTo(sum / steps, within(0.01));
    assertThat(points)
        .allSatisfy(p -> assertThat(p.samplesPerSecond()).isCloseTo(64, within(1e-9)));

    List<JsonNode> logs =
        kept.stream().filter(e -> e.path("event").asText().equals("step")).toList();
    assertThat(logs).hasSize(1000);
    assertThat(logs.stream().mapToDouble(e -> e.path("loss").asDouble()).average().orElseThrow())
        .isCloseTo(sum / steps, within(1e-9));
    assertThat(kept.get(kept.size() - 1).path("event").asText()).isEqualTo("end");
  }

  @Test
  void theEventLogGetsTheLastStepAndTheTimesOfAllRanksBeforeTheEnd() {
    LoggedEvents logged = new LoggedEvents();
    logged.after(start(10_000));
    JsonNode step = step(15, 2, 1, 1);

    assertThat(logged.after(step(5, 1, 1, 1))).isEmpty();
    assertThat(logged.after(step)).hasSize(1);
    assertThat(step.path("loss").asDouble()).as("others have it in hand").isEqualTo(2);
    assertThat(logged.after(step(18, 4, 1, 1))).isEmpty();
    assertThat(logged.after(times(0, 0, 15, 1, 1))).isEmpty();
    assertThat(logged.after(times(0, 0, 18, 2, 1))).isEmpty();
    assertThat(logged.after(times(0, 1, 18, 2, 1))).isEmpty();
    assertThat(logged.after(json("{\"event\":\"gradients\",\"layers\":[]}"))).isEmpty();
    assertThat(logged.after(json("{\"event\":\"end\"}")))
        .extracting(event -> event.path("event").asText() + event.path("step").asText())
        .containsExactly("step18", "rank_times18", "rank_times18", "end");
  }

  @Test
  void aLaterRunTakesThePlaceOfAnEarlierOne() {
    begin(2, 100);
    run.accept(step(10, 2.0, 6, 4));
    run.accept("{\"event\":\"end\",\"state\":\"failed\",\"message\":\"m\"}");
    assertThat(page().select("#elapid-training").attr("data-state")).isEqualTo("failed");
    run.accept("{\"event\":\"run\",\"name\":\"second\",\"model\":\"tiny\"}");

    Document page = page();
    assertThat(page.select(".about").text()).contains("second tiny");
    assertThat(page.select("#elapid-training").attr("data-state")).isEqualTo("waiting");
    assertThat(page.select("#training-curves .none")).hasSize(4);
    assertThat(page.select("#training-ranks .none").text()).contains("No rank has reported");
  }

  @Test
  void aLineThatIsNotJsonIsPassedOver() {
    run.accept("{\"event\":");
    assertThat(run.now().state()).isEqualTo(LiveRun.State.WAITING);
  }

  private void begin(int ranks, int steps) {
    run.accept("{\"event\":\"run\",\"name\":\"first\",\"model\":\"small\",\"data\":\"/d\"}");
    run.accept(
        "{\"event\":\"start\",\"ranks\":%d,\"step\":0,\"total_steps\":%d}".formatted(ranks, steps));
  }

  private Document page() {
    return Jsoup.parse(TrainingView.html(run));
  }

  private static JsonNode start(int steps) {
    return json("{\"event\":\"start\",\"ranks\":2,\"step\":0,\"total_steps\":%d}".formatted(steps));
  }

  private static JsonNode step(long step, double loss, double compute, double sync) {
    return json(
        String.format(
            Locale.ROOT,
            """
            {"event":"step","step":%d,"epoch":0,"loss":%s,"lr":0.1,"samples_per_second":64,
             "compute_seconds":%s,"sync_seconds":%s}
            """,
            step,
            loss,
            compute,
            sync));
  }

  private static JsonNode times(int attempt, int rank, long step, double compute, double sync) {
    return json(
        String.format(
            Locale.ROOT,
            """
            {"event":"rank_times","attempt":%d,"rank":%d,"step":%d,"compute_seconds":%s,
             "sync_seconds":%s,"data_seconds":2}
            """,
            attempt,
            rank,
            step,
            compute,
            sync));
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
