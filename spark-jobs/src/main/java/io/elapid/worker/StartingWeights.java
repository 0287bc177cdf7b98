package io.elapid.worker;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.model.Pretrained;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The weights that a recipe wants training to start from. */
public final class StartingWeights {
  private StartingWeights() {}

  /**
   * Fails before anything is started if they cannot be used for a data set of that many classes.
   *
   * @throws InputException if they are missing, damaged, another network's or for other classes
   */
  public static void check(Configuration hadoop, Recipe.Model model, int classes)
      throws IOException {
    if (model.weights().isPresent()) {
      open(hadoop, model, classes);
    }
  }

  /**
   * Loads them.
   *
   * @param fresh the network's own initial weights
   */
  static Map<String, NamedTensor> load(
      Configuration hadoop, Recipe.Model model, int classes, List<NamedTensor> fresh)
      throws IOException {
    ModelWeights weights = open(hadoop, model, classes);
    return switch (model.classifier()) {
      case KEEP -> weights.tensors();
      case FRESH -> Pretrained.withoutClassifier(TrainingSetup.network(model), weights, fresh);
    };
  }

  private static ModelWeights open(Configuration hadoop, Recipe.Model model, int classes)
      throws IOException {
    Path path = new Path(model.weights().orElseThrow());
    ModelWeights.Variant variant =
        switch (model.weightsVariant()) {
          case MODEL -> ModelWeights.Variant.MODEL;
          case EMA -> ModelWeights.Variant.EMA;
        };
    ModelWeights weights = Pretrained.load(hadoop, path, variant, Optional.of(model.name()));
    CheckpointMeta meta = weights.meta().orElseThrow();
    if (model.classifier() == Recipe.Classifier.KEEP && meta.classes() != classes) {
      throw new InputException(
          "%s tells %d classes apart, the data set has %d"
              .formatted(weights.source(), meta.classes(), classes),
          "Let the classifier start anew: -D model.classifier=fresh.");
    }
    return weights;
  }
}
