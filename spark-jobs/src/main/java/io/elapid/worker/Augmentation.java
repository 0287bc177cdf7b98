package io.elapid.worker;

import io.elapid.config.PictureLoading;
import io.elapid.config.Recipe;
import io.elapid.data.augment.Pipeline;

/** What a recipe does to a single training picture. */
public final class Augmentation {
  private Augmentation() {}

  /** The transforms in order; what works on finished batches is not among them. */
  public static Pipeline of(Recipe recipe) {
    return new Pipeline(PictureLoading.training(recipe, 1).transforms());
  }
}
