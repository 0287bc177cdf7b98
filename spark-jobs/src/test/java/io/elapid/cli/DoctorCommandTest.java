package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.worker.SmallData;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the doctor finds stands in a table: what was looked at, the verdict, and the fix below it.
 */
final class DoctorCommandTest {
  private static final Map<String, String> SPARK =
      Map.of(
          "spark.master", "local[1]",
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1");

  @TempDir Path folder;

  @BeforeEach
  void settings() {
    SPARK.forEach(System::setProperty);
  }

  @AfterEach
  void noSettings() {
    SPARK.keySet().forEach(System::clearProperty);
  }

  @Test
  void findingsStandInColumnsWithTheirFixBelow() throws Exception {
    String data = SmallData.prepare(folder, 8, 4).toString();
    Said said =
        Said.of(
            "doctor",
            "--recipe",
            "quickstart",
            "--data",
            data,
            "--output",
            folder.resolve("run").toString(),
            "--ranks",
            "1",
            "-D",
            "model.name=efficientvim_nano",
            "-D",
            "batch.size=16",
            "-D",
            "freeze.names=[\"none.*\"]",
            "-D",
            "model.weights=" + folder.resolve("nothing.pth"));

    assertThat(said.exit()).as(said.text()).isEqualTo(FailureReport.RUN_FAILED);
    List<String> lines = said.text().lines().toList();
    String head =
        lines.stream().filter(line -> line.startsWith("looked at")).findFirst().orElseThrow();
    int verdict = head.indexOf("verdict");
    int found = head.indexOf("found");
    int problem = row(lines, "data set");
    assertThat(lines.get(problem).substring(verdict)).startsWith("problem");
    assertThat(lines.get(problem).substring(found))
        .isEqualTo("8 pictures are less than one batch of 16");
    assertThat(lines.get(problem + 1).substring(verdict)).startsWith("fix:");
    assertThat(lines.get(problem + 1).substring(found)).isEqualTo("-D batch.size=8");
    assertThat(lines.get(row(lines, "network")).substring(found))
        .isEqualTo("no parameter of efficientvim_nano is called none.*");
    assertThat(lines.get(row(lines, "weights")).substring(found))
        .startsWith("no weights: ")
        .endsWith("nothing.pth does not exist");
    String output = lines.get(row(lines, "output folder"));
    assertThat(output.substring(verdict)).startsWith("ok");
    assertThat(output.substring(found)).isEqualTo("no checkpoint yet: training starts at step 0");
    assertThat(lines).anyMatch(line -> line.matches("doctor: [1-9] problem\\(s\\)"));
  }

  private static int row(List<String> lines, String subject) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(subject)) {
        return i;
      }
    }
    throw new AssertionError("nothing about " + subject + " in " + lines);
  }
}
