package io.elapid.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunSummaryTest {
  @TempDir java.nio.file.Path folder;

  @Test
  void aRunOfTwoSubmissionsCountsBothAndNotThePauseBetween() throws IOException {
    RunSummary summary =
        read("""
                {"event":"run","time":"2026-01-01T00:00:00Z","name":"m1","model":"net","data":"d","metric":"loss"}
                {"event":"start","time":"2026-01-01T00:00:10Z","step":0,"total_steps":40}
                {"event":"step","time":"2026-01-01T00:01:00Z","step":20,"loss":3.0}
                {"event":"evaluation","time":"2026-01-01T00:01:30Z","step":20,"loss":2.0,"top1":0.5}
                {"event":"st
                {"event":"run","time":"2026-01-03T00:00:00Z","name":"m1","model":"net","data":"d","metric":"loss"}
                {"event":"start","time":"2026-01-03T00:00:05Z","step":20,"total_steps":40}
                {"event":"evaluation","time":"2026-01-03T00:00:30Z","step":40,"loss":2.5,"top1":0.6}
                {"event":"end","time":"2026-01-03T00:00:31Z","state":"finished","message":""}
                """)
            .orElseThrow();

    assertThat(summary.recipe()).isEqualTo("m1");
    assertThat(summary.step()).isEqualTo(40);
    assertThat(summary.totalSteps()).isEqualTo(40);
    assertThat(summary.best()).hasValue(2.0);
    assertThat(summary.spent()).isEqualTo(Duration.ofSeconds(90 + 31));
    assertThat(summary.state()).contains("finished");
  }

  @Test
  void theBestIsInTheMetricThatTheLastSubmissionGoesBy() throws IOException {
    RunSummary summary =
        read("""
                {"event":"run","time":"2026-01-01T00:00:00Z","name":"m1","model":"net","data":"d","metric":"top1"}
                {"event":"evaluation","time":"2026-01-01T00:01:30Z","step":20,"loss":2.0,"top1":0.5}
                {"event":"run","time":"2026-01-03T00:00:00Z","name":"m1","model":"net","data":"d","metric":"loss"}
                {"event":"evaluation","time":"2026-01-03T00:00:30Z","step":40,"loss":2.5,"top1":0.6}
                """)
            .orElseThrow();

    assertThat(summary.metric()).isEqualTo("loss");
    assertThat(summary.best()).hasValue(2.0);
  }

  @Test
  void aClockThatIsSetBackTakesNoTimeAway() throws IOException {
    RunSummary summary =
        read("""
                {"event":"run","time":"2026-01-01T00:00:00Z","name":"m1","model":"net","data":"d","metric":"top1"}
                {"event":"end","time":"2026-01-01T00:00:31Z","state":"stopped","message":""}
                {"event":"run","time":"2026-01-03T02:00:00Z","name":"m1","model":"net","data":"d","metric":"top1"}
                {"event":"end","time":"2026-01-03T01:00:20Z","state":"finished","message":""}
                """)
            .orElseThrow();

    assertThat(summary.spent()).isEqualTo(Duration.ofSeconds(31));
  }

  @Test
  void aRunThatWasCutOffHasNoStateAndAFolderWithoutLogsNoRun() throws IOException {
    assertThat(read("")).isEmpty();
    Optional<RunSummary> cut =
        read(
            """
            {"event":"run","time":"2026-01-01T00:00:00Z","name":"m1","model":"net","data":"d","metric":"top1"}
            {"event":"end","time":"2026-01-01T00:00:31Z","state":"failed","message":""}
            {"event":"run","time":"2026-01-01T00:01:00Z","name":"m1","model":"net","data":"d","metric":"top1"}
            """);

    assertThat(cut.orElseThrow().state()).isEmpty();
    assertThat(cut.orElseThrow().best()).isEmpty();
  }

  @Test
  void anEvaluationInWhichNothingWasToBeFoundIsNoResult() throws IOException {
    Optional<RunSummary> run =
        read(
            """
            {"event":"run","time":"2026-01-01T00:00:00Z","name":"d","model":"net","data":"d","metric":"ap50"}
            {"event":"evaluation","time":"2026-01-01T00:00:30Z","step":40,"ap":-1.0,"ap50":-1.0}
            """);

    assertThat(run.orElseThrow().best()).isEmpty();
  }

  private Optional<RunSummary> read(String log) throws IOException {
    Files.writeString(folder.resolve("metrics.jsonl"), log);
    return RunSummary.read(new Configuration(), new Path(folder.toString()));
  }
}
