package io.elapid.chaos;

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
  private static final ChaosCase.Bound TWO_STARTS = new ChaosCase.Bound(2, Duration.ofSeconds(30));

  /** What the system reports of a process that SIGTERM has ended. */
  static final int TERMINATED = 143;

  private static final int REFUSED = 2;

  private DriverCases() {}

  static List<ChaosCase> all() {
    return List.of(
        new ChaosCase(
            "driver-killed",
            "submitted again, goes on at once from the newest checkpoint, bitwise",
            TWO_STARTS,
            DriverCases::killed),
        new ChaosCase(
            "driver-terminated",
            "SIGTERM saves the step it is at, exit code 143; submitted again with another number of"
                + " ranks, bitwise",
            TWO_STARTS,
            DriverCases::terminated),
        new ChaosCase(
            "truncated-checkpoint",
            "the newest checkpoint is damaged: passed over with a warning, the one before is used,"
                + " bitwise",
            TWO_STARTS,
            DriverCases::truncated),
        new ChaosCase(
            "submitted-twice",
            "the second is refused while the first lives, the first ends unharmed, bitwise",
            TWO_STARTS,
            DriverCases::twice),
        new ChaosCase(
            "driver-asleep",
            "silent driver loses the run to the next one, finds itself fenced and stops, bitwise",
            TWO_STARTS,
            DriverCases::asleep));
  }

  private static Program start(Trial trial) {
    return trial.lab().train("local[2]", trial.run());
  }

  private static Program started(Trial trial, int earliest, int latest) {
    Program program = start(trial);
    int step = earliest + trial.random().nextInt(latest - earliest);
    Progress.awaitStep(program, trial.run(), step, trial.limit());
    return program;
  }

  private static void goesOn(Trial trial, Program again) {
    trial.succeeds(again, "the second submit failed");
    trial.says(again, "going on from step");
  }

  private static Recovery killed(Trial trial) throws IOException {
    try (Program program = started(trial, 5, 30)) {
      program.killAll();
      program.await(trial.limit());
    }
    try (Program again = start(trial)) {
      goesOn(trial, again);
    }
    return trial.sameEnd();
  }

  private static Recovery terminated(Trial trial) throws IOException {
    int before = 1 + trial.random().nextInt(2);
    try (Program program = trial.lab().train("local[2]", trial.run(), "cluster.ranks=" + before)) {
      Progress.awaitStep(program, trial.run(), 5 + trial.random().nextInt(20), trial.limit());
      program.signal("TERM");
      trial.fails(program, TERMINATED, "stopped at step");
    }
    try (Program again =
        trial.lab().train("local[2]", trial.run(), "cluster.ranks=" + (3 - before))) {
      goesOn(trial, again);
    }
    Recovery recovery = trial.sameEnd();
    if (recovery.stepsLost() > 0) {
      throw new ChaosFailure("%d steps were lost".formatted(recovery.stepsLost()));
    }
    return recovery;
  }

  private static Recovery truncated(Trial trial) throws IOException {
    try (Program program = started(trial, 10, 30)) {
      program.signal("TERM");
      trial.fails(program, TERMINATED);
    }
    Path newest = newest(Path.of(trial.run(), "checkpoints"));
    List<String> files = List.of("model.safetensors", "state.safetensors", "manifest.json");
    Path victim = newest.resolve(files.get(trial.random().nextInt(files.size())));
    try (RandomAccessFile file = new RandomAccessFile(victim.toFile(), "rw")) {
      file.setLength(file.length() * trial.random().nextInt(100) / 100);
    }
    try (Program again = start(trial)) {
      goesOn(trial, again);
      trial.says(again, newest.getFileName() + " is damaged and is passed over");
    }
    return trial.sameEnd();
  }

  private static Path newest(Path checkpoints) throws IOException {
    try (Stream<Path> folders = Files.list(checkpoints)) {
      return folders
          .filter(folder -> folder.getFileName().toString().startsWith("step-"))
          .max(Comparator.comparing(folder -> folder.getFileName().toString()))
          .orElseThrow(() -> new ChaosFailure("no checkpoint in " + checkpoints));
    }
  }

  private static Recovery twice(Trial trial) throws IOException {
    try (Program first = started(trial, 1, 6)) {
      first.signal("STOP");
      try (Program second =
          trial.lab().train("local[2]", trial.run(), "cluster.lease-timeout=1h")) {
        second.awaitOutput("for a sign of life", trial.limit());
        first.signal("CONT");
        trial.fails(second, REFUSED, "is being written by");
      }
      trial.succeeds(first, "the first run was harmed");
    }
    return trial.sameEnd();
  }

  private static Recovery asleep(Trial trial) throws IOException {
    try (Program first = started(trial, 5, 20)) {
      first.signal("STOP");
      try (Program second = start(trial)) {
        goesOn(trial, second);
      }
      trial.sameEnd();
      first.signal("CONT");
      trial.fails(first, REFUSED, "was taken over by");
    }
    trial.lab().requireSameEnd(trial.run(), new Configuration());
    return trial.sameEnd();
  }
}
