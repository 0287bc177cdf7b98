package io.elapid.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A standalone Spark master and workers, each in a process of its own. */
final class Standalone implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Pattern ADDRESS =
      Pattern.compile("Starting Spark master at (spark://[\\w.:]+)");

  private final Path folder;
  private final Jvm master;
  private final List<Jvm> workers;
  private final String url;

  Standalone(Path folder, int workers) {
    this.folder = folder;
    this.master =
        daemon(
            "master", "master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0");
    master.awaitOutput("I have been elected leader", START);
    Matcher found = ADDRESS.matcher(master.output());
    if (!found.find()) {
      throw new AssertionError("no address in the master's log:\n" + master.output());
    }
    this.url = found.group(1);
    this.workers = java.util.stream.IntStream.range(0, workers).mapToObj(this::worker).toList();
    this.workers.forEach(
        worker -> worker.awaitOutput("Successfully registered with master", START));
  }

  private Jvm worker(int number) {
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

  private Jvm daemon(String name, String type, String... words) {
    Path spark = ElapidRun.HOME.resolve("spark-jobs/target/spark");
    java.util.ArrayList<String> command =
        new java.util.ArrayList<>(
            List.of(
                spark.resolve("bin/spark-class").toString(), "org.apache.spark.deploy." + type));
    command.addAll(List.of(words));
    return Jvm.start(
        folder.resolve(name + ".log"),
        Map.of(
            "SPARK_HOME", spark.toString(),
            "SPARK_LOCAL_IP", "127.0.0.1",
            "SPARK_DAEMON_MEMORY", "300m"),
        command);
  }

  String url() {
    return url;
  }

  @Override
  public void close() {
    workers.forEach(Jvm::close);
    master.close();
  }
}
