package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.task.classification.ClassificationMetrics;
import java.util.List;

/** How the shares of an evaluation become one result, whatever their order. */
@FunctionalInterface
public interface Scoring {

  /**
   * The result of all shares together.
   *
   * @param shares what {@link SplitScore#encode} wrote
   */
  SplitScore merged(List<String> shares);

  /** That of the task of a recipe, on a data set of so many classes. */
  static Scoring of(Recipe recipe, int classes) {
    return switch (recipe.task().type()) {
      case CLASSIFICATION ->
          shares -> {
            ClassificationMetrics all = new ClassificationMetrics(classes);
            shares.stream().map(ClassificationMetrics::fromJson).forEach(all::merge);
            return new ClassificationScore(all);
          };
      case SEMANTIC_SEGMENTATION, OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          DenseForm.of(recipe, classes)::merged;
    };
  }
}
