package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which steps are noted, and what of them. */
final class StepTraceTest {
  @TempDir Path folder;

  @Test
  void stepsAreNotedWhenTheCodeHasSettled() {
    assertThat(noted(3, 0, 100_000)).containsExactly(50L, 51L, 52L);
    assertThat(noted(2, 700, 100_000)).containsExactly(750L, 751L);
  }

  @Test
  void aShortRunIsNotedInItsMiddle() {
    assertThat(noted(2, 0, 10)).containsExactly(4L, 5L);
    assertThat(noted(5, 8, 10)).containsExactly(8L, 9L);
  }

  @Test
  void withoutStepsNothingIsNoted() {
    assertThat(noted(0, 0, 1000)).isEmpty();
  }

  @Test
  void phasesAndOperationsLieWithinTheirStep() throws IOException {
    PhaseClock clock = new PhaseClock();
    StepTrace trace = new StepTrace(1, "rank 1", clock, 1, 0, 1);
    clock.enter(Phase.EVALUATE);
    trace.begin(0);
    clock.enter(Phase.DATA);
    clock.enter(Phase.COMPUTE);
    trace.observer().executed("elapid_conv2d", "stem", 1);
    clock.enter(Phase.SYNC);
    clock.enter(Phase.UPDATE);
    assertThat(trace.end(0)).isTrue();
    clock.enter(Phase.EVALUATE);
    List<JsonNode> events = events(trace);
    JsonNode step = events.stream().filter(e -> is(e, "step 0")).findFirst().orElseThrow();
    assertThat(events)
        .extracting(event -> event.path("name").asText())
        .contains(Phase.DATA.toString(), Phase.UPDATE.toString(), "elapid_conv2d")
        .contains(Phase.COMPUTE.toString(), Phase.SYNC.toString());
    for (JsonNode event : events) {
      assertThat(event.path("ts").asDouble())
          .isBetween(step.path("ts").asDouble() - 1, end(step) + 1);
      assertThat(end(event)).isLessThanOrEqualTo(end(step) + 1);
    }
  }

  @Test
  void aTraceThatCannotBeWrittenEndsNoRun() throws IOException {
    Path inTheWay = Files.createFile(folder.resolve("traces"));
    StepTrace trace = new StepTrace(0, "rank 0", new PhaseClock(), 1, 0, 1);
    trace.write(
        new Configuration(), new org.apache.hadoop.fs.Path(inTheWay.resolve("0.json").toString()));

    assertThat(inTheWay).isEmptyFile();
  }

  private List<JsonNode> events(StepTrace trace) throws IOException {
    Path file = folder.resolve("trace.json");
    trace.write(new Configuration(), new org.apache.hadoop.fs.Path(file.toUri()));
    List<JsonNode> events = new ArrayList<>();
    new ObjectMapper().readTree(file.toFile()).get("traceEvents").forEach(events::add);
    events.removeIf(event -> event.path("ph").asText().equals("M"));
    return events;
  }

  private static boolean is(JsonNode event, String name) {
    return event.path("name").asText().equals(name);
  }

  private static double end(JsonNode event) {
    return event.path("ts").asDouble() + event.path("dur").asDouble();
  }

  private static List<Long> noted(int steps, long from, long to) {
    StepTrace trace = new StepTrace(0, "rank 0", new PhaseClock(), steps, from, to);
    List<Long> noted = new ArrayList<>();
    for (long step = from; step < Math.min(to, from + 200); step++) {
      trace.begin(step);
      if (trace.active()) {
        noted.add(step);
      }
      trace.end(step);
    }
    return noted;
  }
}
