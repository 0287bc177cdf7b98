package io.elapid.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The fields that trace viewers need, and sums over them. */
final class ChromeTraceTest {
  private static final long MILLI = 1_000_000;

  @Test
  void completeEventsCarryMicrosecondsAndTheirTrack() throws IOException {
    ChromeTrace trace = new ChromeTrace(3, "rank 3");
    trace.add(ChromeTrace.OPERATION, "conv2d", "stem \"1\"", 5_000_000, 1_500);
    JsonNode events = new ObjectMapper().readTree(trace.json()).get("traceEvents");
    JsonNode track = events.get(0);
    assertThat(track.get("ph").asText()).isEqualTo("M");
    assertThat(track.get("name").asText()).isEqualTo("process_name");
    assertThat(track.get("args").get("name").asText()).isEqualTo("rank 3");
    JsonNode event = events.get(1);
    assertThat(event.get("ph").asText()).isEqualTo("X");
    assertThat(event.get("cat").asText()).isEqualTo("operation");
    assertThat(event.get("name").asText()).isEqualTo("conv2d");
    assertThat(event.get("args").get("name").asText()).isEqualTo("stem \"1\"");
    assertThat(event.get("pid").asInt()).isEqualTo(3);
    assertThat(event.get("tid").asInt()).isZero();
    assertThat(event.get("dur").asDouble()).isEqualTo(1.5);
  }

  @Test
  void laterEventsHaveLaterTimestamps() {
    ChromeTrace trace = new ChromeTrace(0, "t");
    trace.add(ChromeTrace.PHASE, "load", "", 7 * MILLI, MILLI);
    trace.add(ChromeTrace.PHASE, "apply", "", 9 * MILLI, MILLI);
    List<Double> starts = new ArrayList<>();
    ChromeTrace.events(trace.json()).forEach(event -> starts.add(event.path("ts").asDouble()));
    assertThat(starts.get(2) - starts.get(1)).isCloseTo(2000, within(1.0));
  }

  @Test
  void ranksTracesBecomeOne() {
    ChromeTrace first = new ChromeTrace(0, "rank 0");
    ChromeTrace second = new ChromeTrace(1, "rank 1");
    first.add(ChromeTrace.STEP, "step 1", "", 0, MILLI);
    second.add(ChromeTrace.STEP, "step 1", "", 0, MILLI);
    String merged = ChromeTrace.merged(List.of(first.json(), second.json()));
    assertThat(ChromeTrace.events(merged)).hasSize(4);
    assertThat(ChromeTrace.events(merged)).extracting(e -> e.path("pid").asInt()).contains(0, 1);
  }

  @Test
  void eventsBeyondTheCapacityAreCountedOnly() {
    ChromeTrace trace = new ChromeTrace(0, "t");
    for (int i = 0; i < ChromeTrace.CAPACITY + 9; i++) {
      trace.add(ChromeTrace.OPERATION, "o", "", i, 1);
    }
    JsonNode json = ChromeTrace.read(ChromeTrace.merged(List.of(trace.json())));
    assertThat(json.get("traceEvents")).hasSize(ChromeTrace.CAPACITY);
    assertThat(json.at("/otherData/dropped").asInt()).isEqualTo(10);
  }

  @Test
  void timesByKindAreMeansOverStepsAndRanks() {
    ChromeTrace trace = new ChromeTrace(0, "t");
    for (int step = 0; step < 2; step++) {
      trace.add(ChromeTrace.OPERATION, "small", "a", 0, MILLI);
      trace.add(ChromeTrace.OPERATION, "large", "b", 0, 2 * MILLI);
      trace.add(ChromeTrace.OPERATION, "large", "c", 0, 3 * MILLI);
      trace.add(ChromeTrace.PHASE, "compute", "", 0, 7 * MILLI);
      trace.add(ChromeTrace.STEP, "step", "", 0, 10 * MILLI);
    }
    assertThat(OperationTime.of(trace.json()))
        .containsExactly(
            new OperationTime("large", 2, 5, 0.5), new OperationTime("small", 1, 1, 0.1));
  }

  @Test
  void withoutAWholeStepThereIsNoTable() {
    ChromeTrace trace = new ChromeTrace(0, "t");
    trace.add(ChromeTrace.OPERATION, "o", "", 0, 1);
    assertThat(OperationTime.of(trace.json())).isEmpty();
  }

  @Test
  void whatIsNoTraceIsRefused() {
    assertThatThrownBy(() -> ChromeTrace.merged(List.of("{")))
        .isInstanceOf(UncheckedIOException.class);
  }
}
