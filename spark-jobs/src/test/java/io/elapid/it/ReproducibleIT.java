package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who builds the same sources elsewhere gets the same bytes: Maven compiles and packs all modules a
 * second time. {@link DistIT} does the same with all that {@code -Pdist} makes.
 */
final class ReproducibleIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  /** Those with classes in them. */
  private static final int MODULES = 5;

  @TempDir Path folder;

  @Test
  void aSecondBuildMakesTheSameJars() throws IOException {
    SecondTree second = new SecondTree(folder);
    List<Path> modules = second.copyModules("src/main");
    second.copy(Path.of("conf"));

    second.build(LIMIT, "-o", "resources:resources", "compiler:compile", "jar:jar");

    List<Path> jars = new ArrayList<>();
    for (Path module : modules) {
      jars.addAll(jars(module.resolve("target")));
    }
    assertThat(jars).hasSize(MODULES);
    for (Path jar : jars) {
      assertSame(ElapidRun.HOME.resolve(jar), second.resolve(jar));
    }
  }

  /** Of jars, says first which of their entries differ. */
  static void assertSame(Path first, Path second) throws IOException {
    if (first.toString().endsWith(".jar")) {
      assertThat(entries(second)).as("contents of " + first).isEqualTo(entries(first));
    }
    assertThat(Files.mismatch(first, second)).as("byte that differs in " + first).isEqualTo(-1);
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
