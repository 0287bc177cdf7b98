package io.elapid.cli;

import java.util.Map;

/** What a quickstart teaches: by which recipe, on what pictures, and how well at least. */
enum QuickstartTask {
  /** Which shape a picture shows. */
  CLASSIFICATION("quickstart", QuickstartPictures.SHAPES, 4000, 1000, Map.of("top1", 0.9)),
  /** Boxes around the shapes of a picture. */
  DETECTION("quickstart_detection", QuickstartPictures.OBJECTS, 2400, 300, Map.of("ap50", 0.6)),
  /** Which shape, or the ground, every pixel belongs to. */
  SEGMENTATION(
      "quickstart_segmentation", QuickstartPictures.PIXELS, 2400, 300, Map.of("miou", 0.6));

  private final String recipe;
  private final QuickstartPictures pictures;
  private final int train;
  private final int validation;

  @SuppressWarnings("ImmutableEnumChecker") // made by Map.of
  private final Map<String, Double> expected;

  QuickstartTask(
      String recipe,
      QuickstartPictures pictures,
      int train,
      int validation,
      Map<String, Double> expected) {
    this.recipe = recipe;
    this.pictures = pictures;
    this.train = train;
    this.validation = validation;
    this.expected = expected;
  }

  /** Name of the bundled recipe. */
  String recipe() {
    return recipe;
  }

  /** What it is learnt from. */
  QuickstartPictures pictures() {
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
