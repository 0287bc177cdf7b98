package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.Launcher.Result;
import io.elapid.data.image.ImageCodec;
import io.elapid.observe.MetricsLog;
import io.elapid.observe.RunHistory;
import io.elapid.observe.StepPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A segmenter and detectors from nothing to a report, through the launcher, on two ranks. So short
 * a run can only learn its few pictures by heart, and is measured on them.
 */
final class QuickstartIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int FEW = 5;

  /** Two ranks that compile once; between JVMs every task's job sends the same. */
  private static final String ONE_JVM = "local[2]";

  private static final String TWO_JVMS = "local-cluster[2,1,1024]";

  @TempDir static Path folder;

  @Test
  void aSegmenterLearns() throws Exception {
    RunHistory history =
        quickstart(
            "segmentation",
            ONE_JVM,
            "schedule.steps=80",
            "model.image-size=128",
            "data.train-transforms=[{type=reduce-zero-label},{type=square-resize}]",
            "data.eval-transforms=[{type=reduce-zero-label},{type=square-resize}]");

    double reached = history.last().orElseThrow().miou();
    assertThat(reached).isGreaterThan(1.5 * constantAnswer());
  }

  /** Boxes at random have an AP of next to nothing. */
  @Test
  void aDetectorLearns() throws IOException {
    RunHistory history = quickstart("detection", ONE_JVM, "schedule.steps=150");

    assertThat(history.last().orElseThrow().ap()).isGreaterThan(0.1);
  }

  @Test
  void aDetectorWithMasksLearns() throws IOException {
    RunHistory history =
        quickstart(
            "instance",
            TWO_JVMS,
            "schedule.steps=80",
            "schedule.learning-rate=2e-3",
            "task.neck.channels=32",
            "task.regions.sampled=16",
            "task.detections.max-per-picture=10");

    assertThat(history.last().orElseThrow().ap()).isGreaterThan(0.03);
    assertThat(history.last().orElseThrow().maskAp()).isGreaterThan(0.03);
  }

  /** Mean IoU of naming the most frequent class everywhere. */
  private static double constantAnswer() throws Exception {
    long[] pixels = new long[256];
    Path maps = folder.resolve("segmentation-4-4/annotations/training");
    try (Stream<Path> files = Files.list(maps)) {
      for (Path file : files.filter(name -> name.toString().endsWith(".png")).toList()) {
        long[] counts = ImageCodec.decodeLabels(Files.readAllBytes(file)).histogram();
        for (int label = 1; label < counts.length; label++) {
          pixels[label] += counts[label];
        }
      }
    }
    long most = LongStream.of(pixels).max().orElseThrow();
    long classes = LongStream.of(pixels).filter(count -> count > 0).count();
    return (double) most / LongStream.of(pixels).sum() / classes;
  }

  /** From pictures to a report, and what became of the loss in between. */
  private static RunHistory quickstart(String task, String master, String... overrides)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "quickstart",
                "--task",
                task,
                "--work",
                folder.toString(),
                "--train",
                "4",
                "--val",
                "4",
                "--expect",
                "0",
                "-D",
                "model.name=efficientvim_nano",
                "-D",
                "batch.size=4",
                "-D",
                "data.validation-split=train",
                "-D",
                "evaluation.every-epochs=1000",
                "-D",
                "checkpoint.every-epochs=1000",
                "-D",
                "log.every-steps=4"));
    for (String override : overrides) {
      words.addAll(List.of("-D", override));
    }
    Result result =
        new ElapidRun(folder)
            .submit("--master", master, "--driver-memory", "1g", "--executor-memory", "700m")
            .env("ELAPID_PROCESS_MEMORY", "4g")
            .run(LIMIT, words.toArray(String[]::new));
    assertThat(result.exit()).as(result.output()).isZero();
    Path run = folder.resolve("quickstart_%s-all-reduce".formatted(task));
    assertThat(run.resolve("report.html")).exists();
    RunHistory history =
        MetricsLog.read(new Configuration(), new org.apache.hadoop.fs.Path(run.toUri()));
    List<StepPoint> steps = history.steps();
    assertThat(steps).hasSizeGreaterThan(2 * FEW);
    assertThat(loss(steps.subList(steps.size() - FEW, steps.size())))
        .isLessThan(0.7 * loss(steps.subList(0, FEW)));
    return history;
  }

  private static double loss(List<StepPoint> steps) {
    return steps.stream().mapToDouble(StepPoint::loss).average().orElseThrow();
  }
}
