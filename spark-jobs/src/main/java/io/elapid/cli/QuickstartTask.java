package io.elapid.cli;

import io.elapid.data.target.TargetKind;
import io.elapid.job.GeneratedPictures;
import java.util.Map;

/** What a quickstart teaches: by which recipe, on what pictures, and how well at least. */
enum QuickstartTask {
  /** Which shape a picture shows. */
  CLASSIFICATION(
      "quickstart",
      QuickstartTask.pictures(TargetKind.CLASSIFICATION, 10, 80),
      4000,
      1000,
      Map.of("top1", 0.9)),
  /** Boxes around the shapes of a picture. */
  DETECTION(
      "quickstart_detection",
      QuickstartTask.pictures(TargetKind.DETECTION, 4, 128),
      2400,
      300,
      Map.of("ap50", 0.6)),
  /** Boxes around the shapes of a picture, and which pixels are theirs. */
  INSTANCE(
      "quickstart_instance",
      QuickstartTask.pictures(TargetKind.DETECTION, 4, 128),
      2400,
      300,
      Map.of("ap50", 0.55, "mask_ap50", 0.5)),
  /** Which shape, or the ground, every pixel belongs to. */
  SEGMENTATION(
      "quickstart_segmentation",
      QuickstartTask.pictures(TargetKind.SEGMENTATION, 4, 96),
      2400,
      300,
      Map.of("miou", 0.6));

  private final String recipe;

  @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
  private final GeneratedPictures pictures;

  private final int train;
  private final int validation;

  @SuppressWarnings("ImmutableEnumChecker") // made by Map.of
  private final Map<String, Double> expected;

  QuickstartTask(
      String recipe,
      GeneratedPictures pictures,
      int train,
      int validation,
      Map<String, Double> expected) {
    this.recipe = recipe;
    this.pictures = pictures;
    this.train = train;
    this.validation = validation;
    this.expected = expected;
  }

  private static GeneratedPictures pictures(TargetKind kind, int classes, int size) {
    return new GeneratedPictures(kind, classes, size, 1);
  }

  /** Name of the bundled recipe. */
  String recipe() {
    return recipe;
  }

  /** What it is learnt from. */
  GeneratedPictures pictures() {
    return pictures;
  }

  /** Usual number of training pictures. */
  int train() {
    return train;
  }

  /** Usual number of validation pictures. */
  int validation() {
    return validation;
  }

  /** Measures of the validation split, and how high each is to be at least. */
  Map<String, Double> expected() {
    return expected;
  }
}
