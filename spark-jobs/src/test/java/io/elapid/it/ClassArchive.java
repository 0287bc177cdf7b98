package io.elapid.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The classes that one kind of command loads, as the JVM maps them: one command writes them down
 * when it ends, later ones start with them. A JVM that finds other jars than those of the archive
 * loads its classes as ever.
 */
final class ClassArchive {
  /** What cannot be archived or mapped is no concern of who reads a command's output. */
  private static final String SILENT = "-Xlog:cds*=off";

  private static final Path TARGET = ElapidRun.HOME.resolve("spark-jobs/target").toAbsolutePath();
  private static final Path JAR = TARGET.resolve("elapid-spark-0.1.0.jar");

  /** For what spark-submit starts: the driver and its executors have the same class path. */
  static final ClassArchive SUBMITTED = new ClassArchive("submitted");

  /** For what runs without Spark. */
  static final ClassArchive DIRECT = new ClassArchive("direct");

  private final Path file;
  private final Path unfinished;
  private final AtomicBoolean claimed = new AtomicBoolean();

  private ClassArchive(String name) {
    this.file = TARGET.resolve(name + ".jsa");
    this.unfinished = TARGET.resolve(name + ".jsa.unfinished");
  }

  /** Flags of a JVM that is to start sooner, if there is something to start from. */
  List<String> mapping() {
    return usable() ? List.of(SILENT, "-XX:SharedArchiveFile=" + file) : List.of();
  }

  /** Whether the caller is the one to write the archive. */
  boolean claim() {
    return !usable() && claimed.compareAndSet(false, true);
  }

  /** Flags of the JVM that writes the archive. */
  List<String> making() {
    return List.of(SILENT, "-XX:ArchiveClassesAtExit=" + unfinished);
  }

  /** The JVM that was to write the archive has ended. */
  void made() {
    try {
      if (Files.exists(unfinished)) {
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean usable() {
    try {
      return Files.exists(file)
          && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(JAR)) > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
