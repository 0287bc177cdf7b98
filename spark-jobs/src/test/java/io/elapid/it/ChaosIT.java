package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.ChaosCase;
import io.elapid.chaos.ChaosMatrix;
import io.elapid.chaos.Lab;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short form of {@code elapid chaos}: the cases that tell most for their time. */
@Isolated("compares times with those of an undisturbed run")
final class ChaosIT {
  private static final long SEED = 1;

  @TempDir static Path folder;
  private static Lab lab;

  @BeforeAll
  static void prepare() throws IOException {
    lab = new Lab(ElapidRun.launcher(folder), folder);
    lab.prepare();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kill-all-reduce", "driver-terminated", "submitted-twice"})
  void comesOutAsExpected(String name) {
    ChaosCase.Outcome outcome = ChaosMatrix.named(name).run(lab, SEED);

    assertThat(outcome.problem()).as(name).isEmpty();
    assertThat(folder.resolve(name + "-" + SEED)).isDirectoryContaining("glob:**/logs");
    assertThat(folder.resolve(name + "-" + SEED).toFile().list()).hasSize(1);
  }
}
