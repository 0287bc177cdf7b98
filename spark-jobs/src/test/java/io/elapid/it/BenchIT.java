package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.benchmark.ScanShape;
import io.elapid.it.ElapidRun.Result;
import io.elapid.model.Models;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that measure, through the launcher: JMH's own JVMs must find everything. */
final class BenchIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir Path folder;

  @Test
  void memoryOfAStepIsPlannedForEveryNetwork() {
    Result result = bench("memory", "--batch", "2");
    assertThat(result.exit()).as(result.output()).isZero();
    for (String name : Models.names()) {
      assertThat(result.output()).containsPattern("(?m)^" + name + "( +[\\d,]+){6}$");
    }
  }

  @Test
  void kernelsAreTimedAgainstTheReferenceAndTheFloor() {
    Result result =
        bench(
            "ops", "--shape", ScanShape.TINYVIM_B_STAGE_1.name(), "--batch", "1", "--threads", "1");
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output()).containsPattern("copying [\\d.]+ GB/s, [\\d.]+ G exponentials/s");
    for (String pass : List.of("scan", "scan and back", "projection", "projection and back")) {
      assertThat(result.output())
          .containsPattern("(?m)^TINYVIM_B_STAGE_1 +" + pass + "( +[\\d.]+){5}$");
    }
  }

  @Test
  void aShapeThatDoesNotExistIsAnsweredWithThoseThatDo() {
    Result result = bench("ops", "--shape", "resnet");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.output())
        .contains("no shape starts with 'resnet'")
        .contains(ScanShape.MOBILEMAMBA_B1_STAGE_1.name());
  }

  private Result bench(String... words) {
    List<String> command = new ArrayList<>(List.of("bench"));
    command.addAll(List.of(words));
    return new ElapidRun(folder).direct().run(LIMIT, command.toArray(String[]::new));
  }
}
