package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.config.TaskSpec;
import io.elapid.config.TransformSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How a network's pictures are prepared, in words.
 *
 * @param steps with pixels, in order
 * @param padding what follows once values are normalised
 */
record Preprocessing(List<String> steps, Optional<String> padding) {

  /** As a recipe says for evaluation. */
  static Preprocessing of(Recipe recipe) {
    int side = recipe.model().imageSize();
    List<String> steps = new ArrayList<>();
    if (recipe.task().type() != TaskSpec.Type.CLASSIFICATION) {
      steps.add("turn upright as the EXIF block says");
    }
    Optional<String> padding = Optional.empty();
    for (TransformSpec spec : recipe.data().evalTransforms()) {
      if (spec instanceof TransformSpec.Pad pad) {
        padding = Optional.of("zeros right and below, to multiples of " + pad.divisor());
      } else if (spec instanceof TransformSpec.PadSquare) {
        padding = Optional.of("zeros right and below, to at least %d x %d".formatted(side, side));
      } else if (!(spec instanceof TransformSpec.ReduceZeroLabel)) {
        steps.add(words(spec, side));
      }
    }
    return new Preprocessing(steps, padding);
  }

  private static String words(TransformSpec spec, int side) {
    if (spec instanceof TransformSpec.Resize resize) {
      String how = resize.interpolation().name().toLowerCase(Locale.ROOT);
      return "resize the short side to %d, %s".formatted(resize.shortSide(side), how);
    }
    if (spec instanceof TransformSpec.CenterCrop) {
      return "crop the middle %d x %d".formatted(side, side);
    }
    if (spec instanceof TransformSpec.KeepRatioResize resize) {
      return "resize until the short side is %s or the long side %d, whichever comes first, bilinear"
          .formatted(
              resize.shortSides().stream()
                  .map(Object::toString)
                  .collect(Collectors.joining(" or ")),
              resize.longSide());
    }
    if (spec instanceof TransformSpec.SquareResize) {
      return "resize to %d x %d whatever the aspect ratio, bilinear".formatted(side, side);
    }
    if (spec instanceof TransformSpec.MultipleResize resize) {
      return "resize both sides up to multiples of %d, bilinear".formatted(resize.divisor());
    }
    return spec.toString();
  }
}
