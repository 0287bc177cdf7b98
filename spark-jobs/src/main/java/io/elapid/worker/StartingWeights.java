package io.elapid.worker;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.StateDict;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeNetworks;
import io.elapid.config.TaskSpec;
import io.elapid.data.InputException;
import io.elapid.engine.Network;
import io.elapid.engine.Trainer;
import io.elapid.model.Heads;
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
  public static void check(Configuration hadoop, Recipe recipe, int classes) throws IOException {
    if (recipe.model().weights().isPresent()) {
      ModelWeights weights = open(hadoop, recipe, classes);
      if (!classifies(recipe) && Pretrained.isAroundBackbone(weights)) {
        requireSameNetwork(recipe, weights, classes);
      }
    }
  }

  private static void requireSameNetwork(Recipe recipe, ModelWeights weights, int classes) {
    Network<?> network = DenseForm.of(recipe, classes).network();
    try {
      StateDict.requireMatch(
          weights.source(),
          network.name(),
          weights.tensors(),
          Trainer.tensors(TrainingSetup.trainer(recipe, network)).shapes());
    } catch (InputException e) {
      throw new InputException(
          "model.weights: " + e.getMessage(),
          "start from a classifier's weights, whose backbone is taken, or from a run with the same"
              + " task, head, neck and classes",
          e);
    }
  }

  /**
   * Loads them.
   *
   * @param fresh the network's own initial weights
   */
  static Map<String, NamedTensor> load(
      Configuration hadoop, Recipe recipe, int classes, List<NamedTensor> fresh)
      throws IOException {
    ModelWeights weights = open(hadoop, recipe, classes);
    if (!classifies(recipe)) {
      return Pretrained.forBackbone(weights, fresh);
    }
    return switch (recipe.model().classifier()) {
      case KEEP -> weights.tensors();
      case FRESH ->
          Pretrained.withoutClassifier(RecipeNetworks.published(recipe.model()), weights, fresh);
    };
  }

  private static boolean classifies(Recipe recipe) {
    return recipe.task().type() == TaskSpec.Type.CLASSIFICATION;
  }

  private static ModelWeights open(Configuration hadoop, Recipe recipe, int classes)
      throws IOException {
    Recipe.Model model = recipe.model();
    Path path = new Path(model.weights().orElseThrow());
    ModelWeights.Variant variant = model.weightsVariant().variant();
    ModelWeights weights = Pretrained.load(hadoop, path, variant, Optional.of(model.name()));
    if (classifies(recipe)) {
      Pretrained.requireClassifier("model.weights", weights);
    }
    CheckpointMeta meta = weights.meta().orElseThrow();
    boolean kept = classifies(recipe) && model.classifier() == Recipe.Classifier.KEEP;
    if (kept && meta.classes() != classes) {
      throw new InputException(
          "%s tells %d classes apart, the data set has %d"
              .formatted(weights.source(), meta.classes(), classes),
          "Let the classifier start anew: -D model.classifier=fresh.");
    }
    Heads given = Pretrained.network(weights).heads();
    Heads wanted = RecipeNetworks.published(model).heads();
    if (kept && given != wanted) {
      throw new InputException(
          "%s %s heads that learn from a teacher, and model.heads asks for a network %s"
              .formatted(
                  weights.source(),
                  given.distilled() ? "has" : "lacks",
                  wanted.distilled() ? "with them" : "without"),
          "Set model.heads to what the weights have, or let the heads start anew:"
              + " -D model.classifier=fresh.");
    }
    return weights;
  }
}
