package io.elapid.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;

/** How far a run on the local file system has come, by what it has written. */
final class Progress {
  private Progress() {}

  /** Waits for a step. */
  static void awaitStep(Program program, String run, long step, Duration limit) {
    Program.until(
        () -> {
          program.requireAlive();
          return step(run) >= step;
        },
        limit,
        program,
        "step %d in %s".formatted(step, run));
  }

  private static long step(String run) {
    try {
      return RunLog.of(run, new Configuration()).lastStep();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
