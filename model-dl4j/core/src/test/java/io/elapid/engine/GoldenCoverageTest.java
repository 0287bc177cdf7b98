package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.model.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tests that read golden files run on what they find: so what they need must be there. */
class GoldenCoverageTest {
  private static final Path HOME = Path.of("src/test/resources/golden/backbones");

  @ParameterizedTest
  @EnumSource(GoldenFamily.class)
  void goldensOfEveryKindShipWithTheTests(GoldenFamily family) throws IOException {
    String title = family.title();
    List<String> files = files(title + "_");
    for (String kind : List.of("_eval_64x64", "_train", "_adamw", "_trace_64x64")) {
      assertThat(files).as(kind).anyMatch(name -> name.endsWith(kind + ".json"));
    }
    assertThat(files).filteredOn(name -> name.contains("_eval_")).hasSizeGreaterThan(6);
    assertThat(HOME.resolve("reparam.json")).exists();
    assertThat(HOME.resolve("ops/fuse.json")).exists();
    assertThat(HOME.resolve("ops/modules_%s.json".formatted(title.toLowerCase(Locale.ROOT))))
        .exists();
  }

  /** Tests pass over files of networks that they do not know. */
  @ParameterizedTest
  @EnumSource(GoldenFamily.class)
  void everyGoldenOfAFamilyIsOfANetworkThatExists(GoldenFamily family) throws IOException {
    for (String file : files(family.title() + "_")) {
      String variant = file.substring(0, file.indexOf('_', family.title().length() + 1));
      assertThat(Models.names()).as(file).contains(variant.toLowerCase(Locale.ROOT));
    }
  }

  private static List<String> files(String start) throws IOException {
    try (Stream<Path> files = Files.list(HOME)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith(start))
          .toList();
    }
  }
}
