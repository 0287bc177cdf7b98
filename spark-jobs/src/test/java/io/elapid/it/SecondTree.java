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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The sources in another folder, and what Maven makes of them there in another time zone and
 * language. Checks of the sources are left out, which cost most of a build's time.
 */
final class SecondTree {
  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

  private final Path folder;

  /**
   * An empty one.
   *
   * @param folder for it
   */
  SecondTree(Path folder) {
    this.folder = folder;
  }

  /** Folders with a POM, relative to the project's; all of them have been copied. */
  List<Path> copyModules(String... parts) throws IOException {
    List<Path> modules = modules(Path.of(""));
    for (Path module : modules) {
      copy(module.resolve("pom.xml"));
      for (String part : parts) {
        copy(module.resolve(part));
      }
    }
    return modules;
  }

  private static List<Path> modules(Path parent) throws IOException {
    List<Path> all = new ArrayList<>(List.of(parent));
    Matcher module =
        MODULE.matcher(Files.readString(ElapidRun.HOME.resolve(parent).resolve("pom.xml")));
    while (module.find()) {
      Path child = parent.resolve(module.group(1));
      if (!child.startsWith("notebooks")) {
        all.addAll(modules(child));
      }
    }
    return all;
  }

  /** Copies a file or folder, if it is there, to the same place in this tree. */
  void copy(Path what) throws IOException {
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

  /** The file or folder of that name. */
  Path resolve(Path what) {
    return folder.resolve(what);
  }

  /** Has Maven do that. */
  void build(Duration limit, String... words) {
    Path maven = Path.of(System.getProperty("elapid.maven.home"), "bin/mvn");
    Map<String, String> env =
        Map.of(
            "MAVEN_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            "TZ", "Asia/Tokyo",
            "LC_ALL", "C",
            "JAVA_HOME", System.getProperty("java.home"));
    List<String> command =
        new ArrayList<>(
            List.of(
                maven.toString(),
                "-B",
                "-q",
                "-f",
                folder.resolve("pom.xml").toString(),
                "-Dmaven.repo.local=" + System.getProperty("elapid.maven.repository"),
                "-Dspotless.check.skip=true",
                "-Delapid.errorprone=-Xdiags:compact",
                "-Delapid.lint=-Xlint:none",
                "-Delapid.warnings.fatal=false"));
    command.addAll(List.of(words));
    try (Program program = Program.start(folder.resolve("build.log"), env, command)) {
      assertThat(program.await(limit)).as(program.output()).isZero();
    }
  }
}
