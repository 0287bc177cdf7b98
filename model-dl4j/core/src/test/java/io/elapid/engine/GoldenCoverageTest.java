package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The tests that read golden files run on what they find: so what they need must be there. */
class GoldenCoverageTest {
  private static final Path HOME = Path.of("src/test/resources/golden/backbones");

  /** Of files on whole networks. */
  private static final Set<String> MODES = Set.of("eval", "trace", "train", "adamw");

  /** Of files with arrays beside them; the module of pictures reads some. */
  private static final Set<String> FAMILIES =
      Set.of(
          "assign",
          "boxes",
          "fpn",
          "image",
          "losses",
          "masks",
          "miou",
          "nms",
          "pixel_ops",
          "recipe",
          "resize",
          "retinanet",
          "roi_align",
          "roi_heads",
          "rpn",
          "seg_heads",
          "ssdlite",
          "topk");

  /** Files that are known by their names; the module of pictures reads {@code rle.json}. */
  private static final Set<String> NAMES =
      Set.of(
          "coco_eval_dets_bbox.json",
          "coco_eval_dets_segm.json",
          "coco_eval_expected.json",
          "coco_eval_gt.json",
          "fuse.json",
          "haar.json",
          "modules_efficientvim.json",
          "modules_efficientvmamba.json",
          "modules_mobilemamba.json",
          "modules_tinyvim.json",
          "orders.json",
          "primitives.json",
          "reparam.json",
          "rle.json",
          "scan.json");

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

  /** Tests pass over files that they do not know. */
  @Test
  void everyFileIsOfAKindThatSomeTestReads() {
    List<Golden> files = Goldens.all(path -> true);
    assertThat(files).as("golden files under %s", Goldens.directory()).isNotEmpty();
    assertThat(files.stream().filter(file -> !isRead(file)))
        .as("golden files that no test reads")
        .isEmpty();
  }

  private static boolean isRead(Golden file) {
    JsonNode json = file.json();
    if (json.has("mode")) {
      return MODES.contains(json.path("mode").asText());
    }
    if (json.has("bin")) {
      return FAMILIES.contains(json.path("family").asText());
    }
    return file.path().getParent().endsWith("shapes")
        || NAMES.contains(file.path().getFileName().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "ops/scan.json, {\"cases\": []}, true",
    "ops/scan_7.json, {\"cases\": []}, false",
    "shapes/TinyViM_X.json, {}, true",
    "any.json, {\"mode\": \"eval\"}, true",
    "any.json, {\"mode\": \"predict\"}, false",
    "any.json, '{\"bin\": \"b\", \"family\": \"nms\"}', true",
    "nms.json, '{\"bin\": \"b\", \"family\": \"other\"}', false"
  })
  void aFileOfAnotherKindIsNoticed(Path path, String json, boolean read) throws IOException {
    assertThat(isRead(new Golden(path, new JsonMapper().readTree(json)))).isEqualTo(read);
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
