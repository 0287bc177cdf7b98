package io.elapid.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs the launcher script exactly as a user does: a real spark-submit in processes of its own. */
final class ElapidRun {
  static final Path HOME = Path.of(System.getProperty("elapid.home"));
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Path folder;
  private final List<String> submit = new ArrayList<>();
  private final Map<String, String> env = new HashMap<>();

  ElapidRun(Path folder) {
    this.folder = folder;
    env.put("SPARK_LOCAL_IP", "127.0.0.1");
    env.put("SPARK_HOME", HOME.resolve("spark-jobs/target/spark").toString());
    submit("--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1");
    submit("--conf", "spark.ui.enabled=false", "--driver-memory", "700m");
  }

  ElapidRun submit(String... options) {
    submit.addAll(List.of(options));
    return this;
  }

  /** Without options for spark-submit: what needs no Spark then starts without it. */
  ElapidRun direct() {
    submit.clear();
    return this;
  }

  ElapidRun env(String name, String value) {
    env.put(name, value);
    return this;
  }

  /** Starts a command and returns at once. */
  Jvm start(String... words) {
    List<String> command = new ArrayList<>();
    command.add(HOME.resolve("elapid").toString());
    command.addAll(submit);
    command.addAll(List.of(words));
    Path log = folder.resolve("elapid-%02d-%s.log".formatted(COUNT.incrementAndGet(), words[0]));
    return Jvm.start(log, env, command);
  }

  /** Runs a command to its end. */
  Result run(Duration limit, String... words) {
    try (Jvm jvm = start(words)) {
      int exit = jvm.await(limit);
      return new Result(exit, jvm.output());
    }
  }

  /** How a command ended, and what it printed. */
  record Result(int exit, String output) {}
}
