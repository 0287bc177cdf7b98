package io.elapid.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What of the golden files of downstream tasks is compared in this module, and what belongs to the
 * module of networks and losses: an operation that is in neither list has no test.
 */
class GoldenCoverageTest {
  private static final Map<String, Set<String>> HERE =
      Map.of(
          "image",
          Set.of(
              "pil_resize",
              "cv2_resize",
              "eval_pipeline",
              "det_pipeline",
              "flip",
              "bgr2hsv",
              "bgr2hsv_float",
              "seg_label"),
          // Of soft_target_ce the targets; the loss is not data.
          "recipe",
          Set.of("mixup", "cutmix", "soft_target_ce"),
          "boxes",
          Set.of("rescale_size"),
          // Of mask_target the bitmaps.
          "masks",
          Set.of("mask_target"));

  private static final Map<String, Set<String>> ELSEWHERE =
      Map.of(
          "image",
          Set.of(),
          "recipe",
          Set.of(
              "distill_deit",
              "distill_mobilemamba",
              "mesa",
              "agc",
              "clip_grad_norm",
              "adamw",
              "ema"),
          "boxes",
          Set.of(
              "bbox_overlaps",
              "encode",
              "decode",
              "base_anchors",
              "grid_anchors",
              "ssd_base_anchors",
              "valid_flags"),
          "masks",
          Set.of("paste_masks"));

  /** Keys of recipe.json beside the list of cases. */
  private static final Set<String> RECIPE_TABLES =
      Set.of(
          "randaugment_args", // RandAugmentTest
          "schedules", // learning rates: not data
          "repeated_augmentation"); // SampleOrderTest

  @Test
  void everyOperationOfTheseFamiliesIsComparedSomewhere() {
    for (String family : HERE.keySet()) {
      Set<String> known = new TreeSet<>(HERE.get(family));
      known.addAll(ELSEWHERE.get(family));
      for (JsonNode file : Golden.family(family)) {
        Set<String> found = new TreeSet<>();
        file.path("cases").forEach(one -> found.add(one.path("op").asText()));
        assertThat(known).as(family).containsAll(found);
      }
    }
  }

  @Test
  void everyTableOfTheRecipesIsKnown() {
    for (JsonNode file : Golden.family("recipe")) {
      List<String> tables = new ArrayList<>();
      file.fieldNames().forEachRemaining(tables::add);
      tables.removeAll(List.of("family", "seed", "note", "bin", "cases"));
      assertThat(RECIPE_TABLES).containsAll(tables);
    }
  }

  /** Tests run on what they find: nothing found would pass. */
  @Test
  void thereAreFiles() {
    assertThat(Golden.count()).isPositive();
  }

  @Test
  void whatIsComparedHereShipsWithTheTests() {
    String given = System.getProperty("elapid.golden.dir", "");
    HERE.forEach(
        (family, operations) ->
            operations.forEach(
                operation ->
                    assertThat(given.isBlank() && Golden.cases(family, operation).isEmpty())
                        .as("%s: %s", family, operation)
                        .isFalse()));
  }
}
