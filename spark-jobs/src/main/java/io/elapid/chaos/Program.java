package io.elapid.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A process and what it starts; its output goes to a file. Ends with everything when closed. */
final class Program implements AutoCloseable {
  private static final long POLL_MILLIS = 20;

  private final Process process;
  private final Path log;

  private Program(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static Program start(Path log, Map<String, String> env, List<String> command) {
    try {
      Files.createDirectories(log.getParent());
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(log.toFile());
      builder.environment().putAll(env);
      return new Program(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the end and returns the exit code. */
  int await(Duration limit) {
    until(() -> !process.isAlive(), limit, "the end of " + log);
    return process.exitValue();
  }

  /** Waits until the output contains {@code words}. */
  void awaitOutput(String words, Duration limit) {
    until(
        () -> {
          if (!process.isAlive() && !output().contains(words)) {
            throw new ChaosFailure("ended before it said '%s': %s".formatted(words, log));
          }
          return output().contains(words);
        },
        limit,
        "'%s' in %s".formatted(words, log));
  }

  static void until(BooleanSupplier reached, Duration limit, String what) {
    long end = System.nanoTime() + limit.toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new ChaosFailure("not within %d s: %s".formatted(limit.toSeconds(), what));
      }
      pause(Duration.ofMillis(POLL_MILLIS));
    }
  }

  static void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosFailure("interrupted", e);
    }
  }

  String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void requireAlive() {
    if (!process.isAlive()) {
      throw new ChaosFailure("ended with %d: %s".formatted(process.exitValue(), log));
    }
  }

  Path log() {
    return log;
  }

  /** Sends a signal: KILL, STOP, CONT, TERM. */
  void signal(String name) {
    signal(process.toHandle(), name);
  }

  static void signal(ProcessHandle target, String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(target.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosFailure("interrupted", e);
    }
  }

  /** Kills it and everything it has started, as a power cut does. */
  void killAll() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    // what stands still does not hear anything milder
    all.forEach(one -> signal(one, "CONT"));
    all.forEach(ProcessHandle::destroy);
    for (ProcessHandle one : all) {
      try {
        one.onExit().get(10, TimeUnit.SECONDS);
      } catch (Exception e) {
        one.destroyForcibly();
      }
    }
  }
}
