package io.elapid.worker;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.DistillationSpec;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
import io.elapid.engine.Classifier;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.graph.Mode;
import io.elapid.model.Pretrained;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The network that a recipe wants to be learnt from. */
public final class TeacherWeights {
  private TeacherWeights() {}

  /**
   * Fails before anything is started if the recipe asks for a teacher that cannot teach so many
   * classes.
   *
   * @throws InputException if its weights are not named, missing, damaged, no classifier's or for
   *     other classes
   */
  public static void check(Configuration hadoop, Recipe recipe, int classes) throws IOException {
    if (recipe.distillation().type() != DistillationSpec.Type.NONE) {
      load(hadoop, recipe.distillation(), classes);
    }
  }

  /** The teacher in its deploy form, for the shards of a run; empty if the recipe has none. */
  static Optional<Evaluator<Batch>> open(Configuration hadoop, Recipe recipe, int classes)
      throws IOException {
    if (recipe.distillation().type() == DistillationSpec.Type.NONE) {
      return Optional.empty();
    }
    ModelWeights weights = load(hadoop, recipe.distillation(), classes);
    return Optional.of(
        new Evaluator<>(
            new Classifier(Pretrained.network(weights), classes),
            Frame.square(recipe.batch().samplesPerShard(), recipe.model().imageSize()),
            Mode.DEPLOY,
            weights.tensors(),
            recipe.cluster().threadsPerRank()));
  }

  private static ModelWeights load(Configuration hadoop, DistillationSpec recipe, int classes)
      throws IOException {
    ModelWeights.Variant variant = recipe.teacherVariant().variant();
    ModelWeights weights =
        Pretrained.load(hadoop, new Path(recipe.requireTeacher()), variant, recipe.teacherModel());
    Pretrained.requireClassifier("distillation.teacher", weights);
    int taught = weights.meta().orElseThrow().classes();
    if (taught != classes) {
      throw new InputException(
          "distillation.teacher: %s tells %d classes apart, the data set has %d"
              .formatted(weights.source(), taught, classes),
          "Use a teacher of the same classes, or none: -D distillation.type=none");
    }
    return weights;
  }
}
