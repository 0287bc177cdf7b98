package io.elapid.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the launcher script exactly as a user does: a real spark-submit in processes of its own, on
 * the loopback address.
 */
public class Launcher {
  private static final String SPARK = "spark-jobs/target/spark";
  private static final String HDFS = "spark-jobs/target/hdfs";

  /** Where {@link #in} has what commands say. */
  static final String LOGS = "logs";

  /** Where {@link #in} has what they leave behind when they are killed. */
  static final String TEMPORARY = "temporary";

  private final Path home;
  private final Path logs;
  private final List<String> submit = new ArrayList<>();
  private final List<String> flags = new ArrayList<>();
  private final List<String> executorFlags = new ArrayList<>();
  private final Map<String, String> env = new HashMap<>();
  private final Optional<Path> temporary;
  private boolean sideBySide;

  /**
   * A launcher of what was built in {@code home}.
   *
   * @param logs folder for what commands say
   */
  public Launcher(Path home, Path logs) {
    this(home, logs, Optional.empty());
  }

  private Launcher(Path home, Path logs, Optional<Path> temporary) {
    this.home = home;
    this.logs = logs;
    this.temporary = temporary;
    env.put("SPARK_LOCAL_IP", "127.0.0.1");
    submit("--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1");
    submit("--conf", "spark.ui.enabled=false", "--driver-memory", "700m");
  }

  /** Another one, to which more options may be given. */
  public Launcher copy() {
    return copyTo(logs, temporary);
  }

  /**
   * Another one, whose commands keep their logs and temporary files in folders of their own in
   * {@code folder}: {@value #LOGS} and {@value #TEMPORARY}.
   */
  Launcher in(Path folder) {
    return copyTo(folder.resolve(LOGS), Optional.of(folder.resolve(TEMPORARY)));
  }

  private Launcher copyTo(Path newLogs, Optional<Path> newTemporary) {
    Launcher copy = new Launcher(home, newLogs, newTemporary).direct();
    copy.submit.addAll(submit);
    copy.flags.addAll(flags);
    copy.executorFlags.addAll(executorFlags);
    copy.env.putAll(env);
    copy.sideBySide = sideBySide;
    return copy;
  }

  /** Adds options for spark-submit. */
  public Launcher submit(String... options) {
    submit.addAll(List.of(options));
    return this;
  }

  /** Adds flags for the JVMs that spark-submit and Spark start: the driver's and the executors'. */
  public Launcher flags(List<String> more) {
    flags.addAll(more);
    return this;
  }

  /**
   * Adds a flag for the executors' JVMs alone. As an option for spark-submit it would be lost
   * beside {@link #flags}.
   */
  Launcher executorFlag(String more) {
    executorFlags.add(more);
    return this;
  }

  /** Takes all options for spark-submit away: what needs no Spark then starts without it. */
  public Launcher direct() {
    submit.clear();
    return this;
  }

  /**
   * Gives every command a SPARK_HOME of its own: local-cluster masters name their applications by
   * the second and keep them there, where two that start together would share a folder.
   */
  public Launcher sideBySide() {
    sideBySide = true;
    return this;
  }

  public Launcher env(String name, String value) {
    env.put(name, value);
    return this;
  }

  /** Starts a command and returns at once. */
  public Program start(String... words) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("elapid").toString());
    command.addAll(submit);
    List<String> all = allFlags();
    if (!submit.isEmpty() && !all.isEmpty()) {
      command.addAll(List.of("--driver-java-options", String.join(" ", all)));
    }
    all.addAll(executorFlags);
    if (!submit.isEmpty() && !all.isEmpty()) {
      command.addAll(List.of("--conf", "spark.executor.extraJavaOptions=" + String.join(" ", all)));
    }
    command.addAll(List.of(words));
    Path log = newLog(words[0]);
    Map<String, String> environment = new HashMap<>(env);
    environment.put("SPARK_HOME", (sideBySide ? copyOfSpark(log) : spark()).toString());
    return Program.start(log, environment, command);
  }

  private List<String> allFlags() {
    List<String> all = new ArrayList<>(flags);
    temporary.ifPresent(
        folder -> all.add("\"-Djava.io.tmpdir=%s\"".formatted(made(folder).toAbsolutePath())));
    return all;
  }

  private static Path made(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file that no other command writes to. */
  private Path newLog(String word) {
    try {
      made(logs);
      for (int number = 1; ; number++) {
        try {
          return Files.createFile(logs.resolve("%s-%03d.log".formatted(word, number)));
        } catch (FileAlreadyExistsException e) {
          // the next one
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path copyOfSpark(Path log) {
    Path own = temporary.orElse(logs).resolve(log.getFileName() + "-spark");
    try {
      made(own);
      for (String part : List.of("bin", "jars")) {
        Files.createSymbolicLink(own.resolve(part), spark().resolve(part).toAbsolutePath());
      }
      return own;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command to its end. */
  public Result run(Duration limit, String... words) {
    try (Program program = start(words)) {
      int exit = program.await(limit);
      return new Result(exit, program.output());
    }
  }

  /** How a command ended, and what it printed. */
  public record Result(int exit, String output) {}

  /** The Spark that runs it. */
  public Path spark() {
    return home.resolve(SPARK);
  }

  /** Jars of HDFS's daemons. */
  public List<Path> hadoop() {
    return List.of(home.resolve(HDFS), spark().resolve("jars"));
  }
}
