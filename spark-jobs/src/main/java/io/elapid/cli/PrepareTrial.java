package io.elapid.cli;

import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.ImageNetSource;
import io.elapid.job.PrepareJob;
import io.elapid.job.PrepareOptions;
import io.elapid.job.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The job that prepares pictures, in turns with a plain copy of their folder, inside one Spark
 * application that uses every core. A process of its own, since Spark needs flags of the JVM that
 * commands without Spark do without.
 */
final class PrepareTrial {
  private static final String RESULT = "prepare-trial ";

  /** Packages of the JDK that Spark looks into. */
  private static final List<String> OPENED =
      List.of(
          "java.lang",
          "java.lang.invoke",
          "java.io",
          "java.net",
          "java.nio",
          "java.util",
          "java.util.concurrent",
          "sun.nio.ch",
          "sun.security.action");

  /** So many shards for each core, that none waits for the last one. */
  private static final int SHARDS_PER_CORE = 4;

  private static final double MAX_BAD = 0.01;

  /** Of all runs, and of one copy. */
  private static final Duration LIMIT = Duration.ofMinutes(60);

  /** When what was written counts as written. */
  enum Until {
    /** The system has it, as when a command returns. */
    TAKEN,
    /** It is on its storage. */
    STORED
  }

  private final Path work;
  private final Until until;

  private PrepareTrial(Path work, Until until) {
    this.work = work;
    this.until = until;
  }

  /** Seconds of one copy and of the job after it. */
  record Times(double copying, double preparing) {
    private static Times parse(String numbers) {
      String[] both = numbers.split(" ", -1);
      return new Times(Double.parseDouble(both[0]), Double.parseDouble(both[1]));
    }
  }

  /**
   * Runs in a process of its own.
   *
   * @param work empty folder for what is written
   * @param told each run as it ends
   */
  static List<Times> run(Path pictures, Path work, int runs, Until until, Consumer<Times> told)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    OPENED.forEach(name -> command.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), PrepareTrial.class.getName()));
    command.addAll(
        List.of(pictures.toString(), work.toString(), Integer.toString(runs), until.name()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process
        .onExit()
        .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .exceptionally(late -> process.destroyForcibly());
    List<Times> times = new ArrayList<>();
    int exit;
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(RESULT)) {
          times.add(Times.parse(line.substring(RESULT.length())));
          told.accept(times.get(times.size() - 1));
        }
      }
      exit = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    if (exit != 0 || times.size() != runs) {
      throw new IOException(
          "preparing ended early, or took more than %d minutes; its messages are above"
              .formatted(LIMIT.toMinutes()));
    }
    return times;
  }

  /**
   * Takes turns, and prints the times of each.
   *
   * @param arguments folder of pictures, folder to work in, runs, name of {@link Until}
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path pictures = Path.of(arguments[0]);
    PrepareTrial trial = new PrepareTrial(Path.of(arguments[1]), Until.valueOf(arguments[3]));
    int runs = Integer.parseInt(arguments[2]);
    long bytes = bytes(pictures);
    try (Session session = Session.open("bench prepare")) {
      for (int run = 0; run < runs; run++) {
        Times times = trial.turn(session, pictures, bytes);
        System.out.printf(Locale.ROOT, "%s%.6f %.6f%n", RESULT, times.copying(), times.preparing());
      }
    }
    System.exit(0);
  }

  private Times turn(Session session, Path pictures, long bytes)
      throws IOException, InterruptedException {
    Path copy = work.resolve("copy");
    double copying = timed(copy, () -> command("cp", "-r", pictures.toString(), copy.toString()));
    Path shards = work.resolve("prepared");
    return new Times(copying, timed(shards, () -> prepare(session, pictures, shards, bytes)));
  }

  private static void prepare(Session session, Path pictures, Path shards, long bytes)
      throws IOException {
    org.apache.hadoop.fs.Path in = new org.apache.hadoop.fs.Path(pictures.toUri());
    PrepareOptions options =
        new PrepareOptions(
            in,
            new org.apache.hadoop.fs.Path(shards.toUri()),
            Math.max(1 << 20, bytes / ((long) SHARDS_PER_CORE * session.parallelism())),
            ShardSettings.defaults(),
            MAX_BAD,
            1,
            2 * session.parallelism());
    new PrepareJob(session, options, new PrintStream(OutputStream.nullOutputStream()))
        .run(() -> ImageNetSource.open(session.hadoop(), in));
  }

  private static void command(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Seconds until everything that {@code writing} writes to a folder is written. */
  private double timed(Path folder, Writing writing) throws IOException, InterruptedException {
    long began = System.nanoTime();
    writing.run();
    if (until == Until.STORED) {
      command("sync", "-f", folder.toString());
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    delete(folder);
    return seconds;
  }

  private interface Writing {
    void run() throws IOException, InterruptedException;
  }
}
