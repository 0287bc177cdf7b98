package io.elapid.it;

import io.elapid.chaos.Launcher.Result;
import io.elapid.chaos.Program;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A program of the tests' own, as spark-submit runs it: a jar, and Elapid's jars beside it. */
final class SparkProgram {
  private static final Path TARGET = ElapidRun.HOME.resolve("spark-jobs/target");
  private static final Path SPARK = TARGET.resolve("spark").toAbsolutePath();
  private static final List<String> SETTINGS =
      List.of(
          "spark.ui.enabled=false",
          "spark.driver.host=127.0.0.1",
          "spark.driver.bindAddress=127.0.0.1",
          "spark.executorEnv.OMP_WAIT_POLICY=passive");

  private final Path folder;
  private final Class<?> main;

  /**
   * @param folder for its jar and logs
   * @param main a class of one file
   */
  SparkProgram(Path folder, Class<?> main) {
    this.folder = folder;
    this.main = main;
  }

  /** Runs it to its end. */
  Result run(Duration limit, String master, List<String> options, String... words)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(SPARK.resolve("bin/spark-submit").toString()));
    command.addAll(List.of("--master", master, "--driver-memory", "700m"));
    SETTINGS.forEach(setting -> command.addAll(List.of("--conf", setting)));
    command.addAll(options);
    command.addAll(List.of("--jars", libraries(), "--class", main.getName(), jar().toString()));
    command.addAll(List.of(words));
    Map<String, String> env =
        Map.of(
            "SPARK_HOME", SPARK.toString(),
            "SPARK_LOCAL_IP", "127.0.0.1",
            "SPARK_SCALA_VERSION", "2.12");
    Path log = Files.createTempFile(folder, main.getSimpleName(), ".log");
    try (Program program = Program.start(log, env, command)) {
      int exit = program.await(limit);
      return new Result(exit, program.output());
    }
  }

  private static String libraries() throws IOException {
    List<String> jars =
        new ArrayList<>(List.of(TARGET.resolve("elapid-spark-0.1.0.jar").toString()));
    try (Stream<Path> all = Files.list(TARGET.resolve("lib"))) {
      all.map(Path::toString).forEach(jars::add);
    }
    return String.join(",", jars);
  }

  private Path jar() throws IOException {
    Path jar = folder.resolve(main.getSimpleName() + ".jar");
    String entry = main.getName().replace('.', '/') + ".class";
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream classes = new JarOutputStream(out);
        InputStream in = main.getResourceAsStream("/" + entry)) {
      classes.putNextEntry(new JarEntry(entry));
      in.transferTo(classes);
      classes.closeEntry();
    }
    return jar;
  }
}
