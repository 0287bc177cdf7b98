package io.elapid.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A standalone Spark master and workers of one core each, every one a process of its own. */
public final class Cluster implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final Pattern ADDRESS =
      Pattern.compile("Starting Spark master at (spark://[\\w.:]+)");

  private final Path folder;
  private final Path spark;
  private final Program master;
  private final List<Program> workers = new ArrayList<>();
  private final String url;

  /**
   * Starts them and returns when they are there.
   *
   * @param folder for logs and what executors leave
   * @param spark a SPARK_HOME
   */
  public Cluster(Path folder, Path spark, int count) {
    this.folder = folder;
    this.spark = spark;
    this.master =
        daemon(
            "master", "master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0");
    master.awaitOutput("I have been elected leader", START);
    Matcher found = ADDRESS.matcher(master.output());
    if (!found.find()) {
      throw master.failure("does not say its address");
    }
    this.url = found.group(1);
    for (int i = 0; i < count; i++) {
      workers.add(worker(i));
    }
    workers.forEach(w -> w.awaitOutput("Successfully registered with master", START));
  }

  private Program worker(int number) {
    return daemon(
        "worker-" + number,
        "worker.Worker",
        "--host",
        "127.0.0.1",
        "--webui-port",
        "0",
        "--cores",
        "1",
        "--memory",
        "2g",
        "--work-dir",
        folder.resolve("work-" + number).toString(),
        url);
  }

  private Program daemon(String name, String type, String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                spark.resolve("bin/spark-class").toString(), "org.apache.spark.deploy." + type));
    command.addAll(List.of(words));
    return Program.start(
        folder.resolve(name + ".log"),
        Map.of(
            "SPARK_HOME", spark.toString(),
            "SPARK_LOCAL_IP", "127.0.0.1",
            "SPARK_DAEMON_MEMORY", "300m",
            "SPARK_DAEMON_JAVA_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
        command);
  }

  /** The master, as {@code --master} names it. */
  public String url() {
    return url;
  }

  /** A machine goes down, with what runs on it. */
  void loseWorker(int number) {
    workers.get(number).killAll();
  }

  @Override
  public void close() {
    workers.forEach(Program::close);
    master.close();
  }
}
