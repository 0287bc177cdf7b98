package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who builds the same sources elsewhere gets the same bytes: Maven compiles and packs all modules a
 * second time, in another folder, time zone and language, and without the checks of the sources.
 */
final class ReproducibleIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

  /** Those with classes in them. */
  private static final int MODULES = 5;

  @TempDir Path folder;

  @Test
  void aSecondBuildMakesTheSameJars() throws IOException {
    List<Path> modules = modules(Path.of(""));
    for (Path module : modules) {
      copy(module.resolve("pom.xml"));
      copy(module.resolve("src/main"));
    }
    copy(Path.of("conf"));

    build();

    List<Path> jars = new ArrayList<>();
    for (Path module : modules) {
      jars.addAll(jars(module.resolve("target")));
    }
    assertThat(jars).hasSize(MODULES);
    for (Path jar : jars) {
      Path first = ElapidRun.HOME.resolve(jar);
      Path second = folder.resolve(jar);
      assertThat(entries(second)).as("contents of " + jar).isEqualTo(entries(first));
      assertThat(Files.mismatch(first, second)).as("byte that differs in " + jar).isEqualTo(-1);
    }
  }

  /** Folders with a POM, relative to the project's. */
  private static List<Path> modules(Path parent) throws IOException {
    List<Path> all = new ArrayList<>(List.of(parent));
    Matcher module =
        MODULE.matcher(Files.readString(ElapidRun.HOME.resolve(parent).resolve("pom.xml")));
    while (module.find()) {
      all.addAll(modules(parent.resolve(module.group(1))));
    }
    return all;
  }

  /** Copies a file or folder, if it is there, to the same place in the second tree. */
  private void copy(Path what) throws IOException {
    Path from = ElapidRun.HOME.resolve(what);
    if (!Files.exists(from)) {
      return;
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = folder.resolve(ElapidRun.HOME.relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
  }

  /** Jars with classes in a folder of the second tree, relative to the tree. */
  private List<Path> jars(Path target) throws IOException {
    if (!Files.isDirectory(folder.resolve(target))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder.resolve(target))) {
      return files
          .filter(file -> file.toString().endsWith(".jar"))
          .filter(jar -> entries(jar).keySet().stream().anyMatch(e -> e.endsWith(".class")))
          .map(folder::relativize)
          .toList();
    }
  }

  private void build() {
    Path maven = Path.of(System.getProperty("elapid.maven.home"), "bin/mvn");
    Map<String, String> env =
        Map.of(
            "MAVEN_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            "TZ", "Asia/Tokyo",
            "LC_ALL", "C",
            "JAVA_HOME", System.getProperty("java.home"));
    List<String> command =
        List.of(
            maven.toString(),
            "-B",
            "-o",
            "-q",
            "-f",
            folder.resolve("pom.xml").toString(),
            "-Dmaven.repo.local=" + System.getProperty("elapid.maven.repository"),
            "-Delapid.errorprone=-Xdiags:compact",
            "-Delapid.lint=-Xlint:none",
            "-Delapid.warnings.fatal=false",
            "resources:resources",
            "compiler:compile",
            "jar:jar");
    try (Program program = Program.start(folder.resolve("build.log"), env, command)) {
      assertThat(program.await(LIMIT)).as(program.output()).isZero();
    }
  }

  /** Checksums of a jar's entries. */
  private static Map<String, Long> entries(Path jar) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      Map<String, Long> checksums = new TreeMap<>();
      zip.stream().forEach(entry -> checksums.put(entry.getName(), entry.getCrc()));
      return checksums;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
