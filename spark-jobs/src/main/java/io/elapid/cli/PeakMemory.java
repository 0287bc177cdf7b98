package io.elapid.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;
import io.elapid.engine.StepBench;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * The memory that a process had resident while it ran steps.
 *
 * @param before bytes when ND4J was ready and the network not yet built
 * @param peak bytes at most
 */
record PeakMemory(long before, long peak) {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** So that the heap is resident as a whole from the start and what grows is native memory. */
  private static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch");

  /** What building and running the network took. */
  long growth() {
    return peak - before;
  }

  /** Runs one side in this process. */
  static PeakMemory here(Side side, StepKind kind, StepBench.Settings settings, int runs) {
    StepBench.prepare();
    OptionalLong before = ProcessMemory.resident();
    side.run(kind, settings, runs);
    OptionalLong peak = ProcessMemory.peakResident();
    if (before.isEmpty() || peak.isEmpty()) {
      throw new InputException(
          "this system does not tell what memory a process takes",
          "measure on Linux, which does in /proc/self/status");
    }
    return new PeakMemory(before.getAsLong(), peak.getAsLong());
  }

  /** As {@link #here}, in a JVM of its own. */
  static PeakMemory elsewhere(Side side, StepKind kind, StepBench.Settings settings, int runs) {
    JsonNode answer = ChildAnswer.of(command(side, kind, settings, runs), LIMIT);
    if (!answer.has("before")) {
      throw new IllegalStateException("%s ended without an answer".formatted(side));
    }
    return new PeakMemory(answer.get("before").asLong(), answer.get("peak").asLong());
  }

  private static List<String> command(
      Side side, StepKind kind, StepBench.Settings settings, int runs) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(HEAP);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Elapid.class.getName(), "bench", kind.word()));
    command.addAll(List.of("--alone", side.name().toLowerCase(Locale.ROOT)));
    command.addAll(List.of("--model", settings.model().name()));
    command.addAll(List.of("--batch", Integer.toString(settings.batch())));
    command.addAll(List.of("--threads", Integer.toString(settings.threads())));
    command.addAll(List.of("--image-size", Integer.toString(settings.imageSize())));
    command.addAll(List.of("--warm-up", "0", "--runs", Integer.toString(runs)));
    return command;
  }

  /** The line that {@link #elsewhere} reads. */
  String json() {
    return "{\"before\": %d, \"peak\": %d}".formatted(before, peak);
  }
}
