package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The notices that travel with every library; the build stops where a licence is not known. */
final class NoticesIT {
  private static final Path TARGET = ElapidRun.HOME.resolve("spark-jobs/target");

  @Test
  void everyLibraryIsNamedWithItsLicence() throws IOException {
    List<String> notices = Files.readAllLines(TARGET.resolve("notices/THIRD-PARTY.txt"));
    List<String> libraries = libraries(TARGET.resolve("lib"));
    assertThat(libraries).hasSizeGreaterThan(20);
    for (String library : libraries) {
      assertThat(notices)
          .as(library)
          .anyMatch(line -> line.matches(" +\\(.+\\) .*:\\Q" + library + "\\E:.*"));
    }
  }

  /** Names without versions of the libraries in a folder that are not Elapid's own. */
  static List<String> libraries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(jar -> !jar.startsWith("elapid-"))
          .map(jar -> jar.replaceFirst("-\\d.*", ""))
          .sorted()
          .toList();
    }
  }
}
