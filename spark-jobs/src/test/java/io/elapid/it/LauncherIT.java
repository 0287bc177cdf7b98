package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.Launcher;
import io.elapid.chaos.Launcher.Result;
import io.elapid.chaos.Program;
import io.elapid.worker.SmallData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, where it stands and what it is told. */
final class LauncherIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  void itsFolderMayHaveBlanksAndQuotesInItsName() throws IOException {
    Path home = Files.createDirectories(folder.resolve("someone's \"own\" copy (2)"));
    Path script = ElapidRun.HOME.resolve("elapid");
    Files.copy(script, home.resolve("elapid"), StandardCopyOption.COPY_ATTRIBUTES);
    for (String part : List.of("conf", "spark-jobs")) {
      Files.createSymbolicLink(home.resolve(part), ElapidRun.HOME.resolve(part).toAbsolutePath());
    }

    Result verified =
        new Launcher(home, folder.resolve("logs"))
            .submit("--master", "local[1]")
            .run(LIMIT, "verify", folder.resolve("nothing").toString());

    assertThat(verified.exit()).as(verified.output()).isEqualTo(2);
    assertThat(verified.output()).contains("elapid: there is no data set at ");
  }

  @Test
  void executorsOfThisMachineLeaveTheirLogsAndNoJars() throws Exception {
    String data = SmallData.prepare(folder, 4, 4).toString();
    Path logs = folder.resolve("logs");
    Result verified =
        new Launcher(ElapidRun.HOME, logs)
            .sideBySide()
            .submit("--master", "local-cluster[1,1,1024]", "--executor-memory", "512m")
            .run(LIMIT, "verify", data);

    assertThat(verified.exit()).as(verified.output()).isZero();
    try (Stream<Path> left = Files.walk(logs.resolve("verify-001.log-spark/work"))) {
      assertThat(left.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
          .contains("stderr")
          .noneMatch(name -> name.endsWith(".jar"));
    }
  }

  @Test
  void aFolderWithoutSparkIsRefusedBeforeAnyClassIsMissed() throws IOException {
    Path home = Files.createDirectories(folder.resolve("spark"));
    Files.createDirectories(home.resolve("jars"));

    Result models;
    try (Program program =
        Program.start(
            folder.resolve("models.log"),
            Map.of("SPARK_HOME", home.toString()),
            List.of(ElapidRun.HOME.resolve("elapid").toString(), "models"))) {
      models = new Result(program.await(LIMIT), program.output());
    }

    assertThat(models.exit()).as(models.output()).isEqualTo(2);
    assertThat(models.output().strip().lines())
        .containsExactly(
            "elapid: SPARK_HOME is %s, whose folder jars holds no Spark for Scala 2.12: set it to a Spark 3.5 (Scala 2.12)"
                .formatted(home));
  }
}
