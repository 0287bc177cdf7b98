package io.elapid.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the copies of jars that executors of a local-cluster master leave beside their logs: some
 * hundred megabytes a run, which Spark never takes away.
 */
final class ExecutorJars {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorJars.class);
  private static final String MASTER = "local-cluster";

  private ExecutorJars() {}

  /** Of an application that has ended; of other masters nothing. */
  static void remove(SparkConf conf, String application) {
    String home = System.getenv("SPARK_HOME");
    if (home == null || !conf.get("spark.master").startsWith(MASTER)) {
      return;
    }
    Path folder = Path.of(home, "work", application);
    try {
      for (Path jar : jars(folder)) {
        Files.deleteIfExists(jar);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.info("Copies of jars stay in {}: {}", folder, e.toString());
    }
  }

  private static List<Path> jars(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found =
        Files.find(folder, 2, (path, facts) -> facts.isRegularFile() && isJar(path))) {
      return found.toList();
    }
  }

  private static boolean isJar(Path path) {
    return path.getFileName().toString().endsWith(".jar");
  }
}
