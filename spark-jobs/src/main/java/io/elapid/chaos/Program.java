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
import java.util.regex.Pattern;

/** A process and what it starts; its output goes to a file. Ends with everything when closed. */
public final class Program implements AutoCloseable {
  private static final long POLL_MILLIS = 20;
  private static final int TAIL = 40;

  private final Process process;
  private final Path log;

  private Program(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts a Java class with this process's JDK. */
  public static Program java(
      Path log, String classPath, List<String> flags, Map<String, String> env, String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath));
    command.addAll(List.of(words));
    return start(log, env, command);
  }

  /**
   * Starts a command.
   *
   * @param log where its output goes
   * @param env what its environment has beyond this process's
   */
  public static Program start(Path log, Map<String, String> env, List<String> command) {
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
  public int await(Duration limit) {
    until(() -> !process.isAlive(), limit, this, "its end");
    return process.exitValue();
  }

  /** Waits until the output contains {@code words}. */
  public Program awaitOutput(String words, Duration limit) {
    return awaitOutput(words, 1, limit);
  }

  /** Waits until the output contains {@code words} so many times. */
  Program awaitOutput(String words, int times, Duration limit) {
    String what = times == 1 ? "'%s'".formatted(words) : "%d times '%s'".formatted(times, words);
    until(
        () -> {
          boolean alive = process.isAlive();
          boolean said = output().split(Pattern.quote(words), -1).length > times;
          if (!alive && !said) {
            throw failure("ended before it said " + what);
          }
          return said;
        },
        limit,
        this,
        what);
    return this;
  }

  static void until(BooleanSupplier reached, Duration limit, Program program, String what) {
    long end = System.nanoTime() + limit.toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw program.failure("not within %d s: %s".formatted(limit.toSeconds(), what));
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosFailure("interrupted", e);
    }
  }

  /** What has not come out as it must, with the last that the program said. */
  ChaosFailure failure(String what) {
    List<String> lines = output().lines().toList();
    List<String> tail = lines.subList(Math.max(0, lines.size() - TAIL), lines.size());
    return new ChaosFailure("%s: %s%n%s".formatted(what, log, String.join("\n", tail)));
  }

  public String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void requireAlive() {
    if (!process.isAlive()) {
      throw failure("ended with " + process.exitValue());
    }
  }

  public boolean alive() {
    return process.isAlive();
  }

  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** Sends a signal: KILL, STOP, CONT, TERM. */
  public void signal(String name) {
    signal(process.toHandle(), name);
  }

  private static void signal(ProcessHandle target, String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(target.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosFailure("interrupted", e);
    }
  }

  /** Kills it and everything it has started, as a power cut does: no shutdown hooks run. */
  public void killAll() {
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
