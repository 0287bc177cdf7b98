package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.ChaosCase;
import io.elapid.chaos.ChaosMatrix;
import io.elapid.chaos.Lab;
import io.elapid.it.ElapidRun.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A few rows of the fault matrix, one for each way of recovering, and what the doctor finds before
 * a run; {@code elapid chaos} runs all rows.
 */
final class ChaosIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final long SEED = 6;

  @TempDir static Path folder;
  private static Lab lab;

  @BeforeAll
  static void prepare() throws IOException {
    lab = new Lab(ElapidRun.HOME, folder);
    lab.prepare();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop-rank", "cut-connection", "driver-terminated", "driver-asleep"})
  void comesOutAsExpected(String name) {
    ChaosCase row =
        ChaosMatrix.cases().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();

    assertThat(row.run(lab, SEED).problem()).isEmpty();
  }

  @Test
  void theDoctorFindsNothingWrongWithAGoodRunAndNamesWhatIsWrongWithABadOne() {
    Result good = elapid().run(LIMIT, doctor("data", "fresh"));
    assertThat(good.exit()).as(good.output()).isZero();
    assertThat(good.output()).contains("vector kernels", "doctor: nothing is wrong");

    Result bad =
        elapid()
            .submit("--conf", "spark.dynamicAllocation.enabled=true")
            .submit("--conf", "spark.task.cpus=1")
            .env("ELAPID_NATIVE_MEMORY", "20m")
            .run(LIMIT, doctor("nowhere", "data/manifest.json"));
    assertThat(bad.exit()).as(bad.output()).isEqualTo(1);
    assertThat(bad.output())
        .contains("spark.dynamicAllocation.enabled is true", "data set", "output folder")
        .containsPattern("tensors take about \\d+ MiB, maxbytes is 20 MiB")
        .contains("fix:")
        .doesNotContain("\tat ");
  }

  /**
   * No GPU is needed: what counts is that the addresses of the discovery script reach the ranks.
   */
  @Test
  void everyRankGetsAGpuOfItsOwnFromSpark() throws IOException {
    Path script = folder.resolve("gpus.sh");
    Files.writeString(
        script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"3\", \"5\"]}'\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    ElapidRun elapid =
        new ElapidRun(folder)
            .submit("--master", "local-cluster[1,2,1400]", "--executor-memory", "1200m")
            .submit("--conf", "spark.executor.cores=2")
            .submit("--conf", "spark.worker.resource.gpu.amount=2")
            .submit("--conf", "spark.worker.resource.gpu.discoveryScript=" + script)
            .submit("--conf", "spark.executor.resource.gpu.amount=2");

    Result trained = elapid.run(LIMIT, train("gpus", "cluster.ranks=2", "cluster.gpus-per-rank=1"));

    assertThat(trained.exit()).as(trained.output()).isZero();
    Matcher ranks =
        Pattern.compile("\"event\":\"rank\".*\"rank\":(\\d).*\"gpu\":\"(\\d)\"")
            .matcher(Files.readString(folder.resolve("gpus/metrics.jsonl")));
    List<String> gpus = new ArrayList<>();
    while (ranks.find()) {
      gpus.add(ranks.group(2));
    }
    assertThat(gpus).containsExactlyInAnyOrder("3", "5");
  }

  @Test
  void gpusThatSparkKnowsNothingOfAreMissedBeforeAnythingStarts() {
    Result result = elapid().run(LIMIT, train("no-gpus", "cluster.gpus-per-rank=1"));
    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output())
        .contains("spark.executor.resource.gpu.amount is not set")
        .contains("fix: ");
  }

  @Test
  void aLossThatIsNoNumberNamesStepAndSamples() {
    Result result =
        elapid().run(LIMIT, train("diverged", "schedule.learning-rate=100", "clip.norm=0"));
    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output())
        .containsPattern("rank 0 on \\S+ \\(executor driver\\) at step \\d+ while")
        .containsPattern("samples.*\\d{4}")
        .contains("fix: lower schedule.learning-rate");
  }

  @Test
  void memoryThatRunsOutNamesTheSettingToRaise() {
    Result result = elapid().env("ELAPID_NATIVE_MEMORY", "8m").run(LIMIT, train("small"));
    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output())
        .contains("out of memory")
        .contains("fix: raise -Dorg.bytedeco.javacpp.maxbytes");
  }

  private static ElapidRun elapid() {
    return new ElapidRun(folder).submit("--master", "local[1]");
  }

  private static String[] doctor(String data, String output) {
    return new String[] {
      "doctor",
      "--recipe",
      "quickstart",
      "--data",
      folder.resolve(data).toString(),
      "--output",
      folder.resolve(output).toString(),
      "--ranks",
      "1",
      "-D",
      "model.name=efficientvim_nano"
    };
  }

  private static String[] train(String output, String... overrides) {
    List<String> words = new ArrayList<>(List.of("train", "--recipe", "quickstart"));
    words.addAll(List.of("--data", folder.resolve("data").toString()));
    words.addAll(List.of("--output", folder.resolve(output).toString()));
    List<String> keys =
        new ArrayList<>(
            List.of(
                "model.name=efficientvim_nano",
                "cluster.ranks=1",
                "batch.size=32",
                "schedule.type=constant",
                "schedule.warmup-epochs=0",
                "schedule.epochs=1"));
    keys.addAll(List.of(overrides));
    keys.forEach(key -> words.addAll(List.of("-D", key)));
    return words.toArray(String[]::new);
  }
}
