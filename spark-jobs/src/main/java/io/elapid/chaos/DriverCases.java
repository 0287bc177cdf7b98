package io.elapid.chaos;

import io.elapid.data.SplitMix;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/** Faults of the driver, and what several of them do to one folder. */
final class DriverCases {
  private static final Duration BOUND = Duration.ofMinutes(3);
  private static final String EVERY_STEP = "log.every-steps=1";

  /** What the system reports of a process that SIGTERM has ended. */
  private static final int TERMINATED = 143;

  private DriverCases() {}

  static List<ChaosCase> all() {
    return List.of(
        new ChaosCase(
            "driver-killed",
            "submitted again, goes on at once from the newest checkpoint, bitwise",
            BOUND,
            DriverCases::killed),
        new ChaosCase(
            "driver-terminated",
            "SIGTERM saves the step it is at, exit code 143; submitted again, bitwise",
            BOUND,
            DriverCases::terminated),
        new ChaosCase(
            "truncated-checkpoint",
            "the newest checkpoint is damaged: passed over with a warning, the one before is used, bitwise",
            BOUND,
            DriverCases::truncated),
        new ChaosCase(
            "submitted-twice",
            "the second is refused while the first lives, the first ends unharmed, bitwise",
            BOUND,
            DriverCases::twice),
        new ChaosCase(
            "driver-asleep",
            "silent driver loses the run to the next one, finds itself fenced and stops, bitwise",
            BOUND,
            DriverCases::asleep));
  }

  private static Program start(Lab lab, String run) {
    return lab.train("local[2]", run, List.of(), EVERY_STEP);
  }

  private static void finish(Lab lab, String run) throws IOException {
    try (Program again = start(lab, run)) {
      Lab.require(again, again.await(BOUND) == 0, "the second submit failed");
      Lab.require(
          again, again.output().contains("going on from step"), "started from the beginning");
    }
    lab.requireSameEnd(run, new Configuration());
  }

  private static void killed(Lab lab, String run, SplitMix random) throws IOException {
    try (Program program = start(lab, run)) {
      Progress.awaitStep(program, run, 5 + random.nextInt(25), BOUND);
      program.killAll();
      program.await(BOUND);
    }
    finish(lab, run);
  }

  private static void terminated(Lab lab, String run, SplitMix random) throws IOException {
    try (Program program = start(lab, run)) {
      Progress.awaitStep(program, run, 5 + random.nextInt(20), BOUND);
      program.signal("TERM");
      int exit = program.await(BOUND);
      Lab.require(program, exit == TERMINATED, "exit code " + exit + " instead of " + TERMINATED);
      Lab.require(
          program, program.output().contains("stopped at step"), "does not say where it stopped");
    }
    finish(lab, run);
  }

  private static void truncated(Lab lab, String run, SplitMix random) throws IOException {
    try (Program program = start(lab, run)) {
      Progress.awaitStep(program, run, 10 + random.nextInt(20), BOUND);
      program.signal("TERM");
      program.await(BOUND);
    }
    Path newest = newest(Path.of(run, "checkpoints"));
    List<String> files = List.of("model.safetensors", "state.safetensors", "manifest.json");
    Path victim = newest.resolve(files.get(random.nextInt(files.size())));
    try (RandomAccessFile file = new RandomAccessFile(victim.toFile(), "rw")) {
      file.setLength(file.length() * random.nextInt(100) / 100);
    }
    try (Program again = start(lab, run)) {
      Lab.require(again, again.await(BOUND) == 0, "failed on a truncated " + victim.getFileName());
      Lab.require(
          again,
          again.output().contains(newest.getFileName() + " is damaged and is passed over"),
          "does not warn of " + newest);
      Lab.require(
          again, again.output().contains("going on from step"), "started from the beginning");
    }
    lab.requireSameEnd(run, new Configuration());
  }

  private static Path newest(Path checkpoints) throws IOException {
    try (Stream<Path> folders = Files.list(checkpoints)) {
      return folders
          .filter(folder -> folder.getFileName().toString().startsWith("step-"))
          .max(Comparator.comparing(folder -> folder.getFileName().toString()))
          .orElseThrow(() -> new ChaosFailure("no checkpoint in " + checkpoints));
    }
  }

  private static void twice(Lab lab, String run, SplitMix random) throws IOException {
    try (Program first = start(lab, run)) {
      Progress.awaitStep(first, run, 1 + random.nextInt(5), BOUND);
      first.signal("STOP");
      try (Program second = lab.train("local[2]", run, List.of(), "cluster.lease-timeout=1h")) {
        second.awaitOutput("for a sign of life", BOUND);
        first.signal("CONT");
        int exit = second.await(BOUND);
        Lab.require(second, exit == 2, "exit code " + exit + " instead of 2");
        Lab.require(
            second, second.output().contains("is being written by"), "does not say who writes");
      }
      Lab.require(first, first.await(BOUND) == 0, "the first run was harmed");
    }
    lab.requireSameEnd(run, new Configuration());
  }

  private static void asleep(Lab lab, String run, SplitMix random) throws IOException {
    try (Program first = start(lab, run)) {
      Progress.awaitStep(first, run, 5 + random.nextInt(15), BOUND);
      first.signal("STOP");
      finish(lab, run);
      first.signal("CONT");
      int exit = first.await(BOUND);
      Lab.require(first, exit == 2, "exit code " + exit + " instead of 2");
      Lab.require(
          first, first.output().contains("was taken over by"), "does not say that it was fenced");
    }
    lab.requireSameEnd(run, new Configuration());
  }
}
