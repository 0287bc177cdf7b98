package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A pipeline as a process of its own, whose jobs a script stands in for. */
final class PipelineCommandTest {
  private static final String JOB =
      """
      #!/bin/bash
      trap 'echo saved > "$ELAPID_HOME/ended"; exit 143' TERM
      echo runs > "$ELAPID_HOME/began"
      for i in {1..300}; do sleep 0.1; done
      """;

  @TempDir Path home;

  @Test
  @Timeout(60)
  void aJobUnderWayIsToldToEndWithIt() throws Exception {
    Files.createDirectories(home.resolve("conf/airflow"));
    Files.copy(
        Path.of("../conf/airflow/pipelines.json"), home.resolve("conf/airflow/pipelines.json"));
    Files.writeString(home.resolve("elapid"), JOB);
    assertThat(home.resolve("elapid").toFile().setExecutable(true)).isTrue();
    Process pipeline = pipeline();
    try {
      while (!Files.exists(home.resolve("began"))) {
        assertThat(pipeline.isAlive()).as(Files.readString(home.resolve("said"))).isTrue();
        TimeUnit.MILLISECONDS.sleep(20);
      }

      pipeline.destroy();

      assertThat(pipeline.waitFor()).isEqualTo(FailureReport.STOPPED);
      assertThat(home.resolve("ended")).hasContent("saved");
    } finally {
      pipeline.destroyForcibly();
    }
  }

  /** Before what may take days, not after it. */
  @Test
  void aResultThatCannotBeWrittenEndsItBeforeTheFirstJob() throws Exception {
    Files.createDirectories(home.resolve("conf/airflow"));
    Files.copy(
        Path.of("../conf/airflow/pipelines.json"), home.resolve("conf/airflow/pipelines.json"));
    Path file = Files.createFile(home.resolve("a-file"));
    List<List<String>> asked = new ArrayList<>();
    CommandLine pipeline =
        new CommandLine(
            new PipelineCommand(
                home,
                job -> {
                  asked.add(job);
                  return 0;
                }));
    List<Exception> thrown = new ArrayList<>();
    pipeline.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          thrown.add(failure);
          return FailureReport.BAD_INPUT;
        });

    pipeline.execute("imagenet", "run_id=try-1", "results=" + file);

    assertThat(asked).isEmpty();
    assertThat(thrown)
        .singleElement()
        .isInstanceOf(InputException.class)
        .extracting(Throwable::getMessage, STRING)
        .contains("imagenet-try-1.json", file + " is no folder");
  }

  private Process pipeline() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Elapid.class.getName(),
                "pipeline",
                "imagenet",
                "run_id=try-1",
                "results=" + home)
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("said").toFile());
    builder.environment().put("ELAPID_HOME", home.toString());
    return builder.start();
  }
}
