package io.elapid.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How far a run on the local file system has come, by what it has written. */
final class Progress {
  private static final Pattern STEP = Pattern.compile("\"event\":\"step\".*?\"step\":(\\d+)");

  private Progress() {}

  /** Waits for a step; the run must log every one. */
  static void awaitStep(Program program, String run, long step, Duration limit) {
    Program.until(
        () -> {
          program.requireAlive();
          return step(Path.of(run)) >= step;
        },
        limit,
        "step %d in %s".formatted(step, run));
  }

  private static long step(Path run) {
    if (!Files.isDirectory(run)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(run)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("metrics"))
          .mapToLong(Progress::lastStep)
          .max()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long lastStep(Path file) {
    try {
      Matcher steps = STEP.matcher(Files.readString(file));
      long last = 0;
      while (steps.find()) {
        last = Long.parseLong(steps.group(1));
      }
      return last;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
