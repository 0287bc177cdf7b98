package io.elapid.it;

import io.elapid.chaos.Launcher;
import io.elapid.chaos.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the launcher of the build that is being tested. Its JVMs are many and live for seconds: they
 * map classes that an earlier one has archived, and compile for the plainest collector.
 */
final class ElapidRun extends Launcher {
  static final Path HOME = Path.of(System.getProperty("elapid.home"));

  private static final String COLLECTOR = "-XX:+UseSerialGC";

  /**
   * Where pages are expensive to come by, some tenth of the time of a JVM that lives for seconds.
   */
  private static final String LARGE_PAGES = "-XX:+UseTransparentHugePages";

  private static final String FIRST_COMPILER = "-XX:TieredStopAtLevel=1";

  private final List<String> plain = new ArrayList<>(List.of(COLLECTOR, LARGE_PAGES));
  private ClassArchive archive = ClassArchive.SUBMITTED;
  private boolean archives;

  /**
   * @param folder for logs
   */
  ElapidRun(Path folder) {
    super(HOME, folder);
    flags(plain);
  }

  /** One that may be copied and started again and again. */
  static Launcher launcher(Path folder) {
    return new Launcher(HOME, folder)
        .flags(List.of(COLLECTOR, LARGE_PAGES))
        .flags(ClassArchive.SUBMITTED.mapping());
  }

  /** What computes nothing is done sooner without the second compiler. */
  ElapidRun computingNothing() {
    plain.add(FIRST_COMPILER);
    flags(List.of(FIRST_COMPILER));
    return this;
  }

  /** Archives the classes of the command, which must run in one JVM, unless another has done so. */
  ElapidRun archiving() {
    archives = true;
    return this;
  }

  @Override
  public Launcher direct() {
    archive = ClassArchive.DIRECT;
    return super.direct();
  }

  @Override
  public Program start(String... words) {
    flags(ClassArchive.SUBMITTED.mapping());
    // the launcher runs some commands without Spark, whatever it is told about Spark
    direct(ClassArchive.DIRECT.mapping());
    return super.start(words);
  }

  @Override
  public Result run(Duration limit, String... words) {
    if (!archives || !archive.claim()) {
      return super.run(limit, words);
    }
    if (archive == ClassArchive.DIRECT) {
      direct(archive.making());
    } else {
      flags(archive.making());
    }
    try (Program program = super.start(words)) {
      int exit = program.await(limit);
      archive.made();
      return new Result(exit, program.output());
    }
  }

  private void direct(List<String> more) {
    List<String> all = new ArrayList<>(plain);
    all.addAll(more);
    env("ELAPID_JAVA_OPTIONS", String.join(" ", all));
  }
}
