package io.elapid.worker;

import io.elapid.config.DistillationSpec;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
import io.elapid.engine.Classifier;
import io.elapid.engine.Frame;
import io.elapid.engine.ParameterRules;
import io.elapid.engine.Teaching;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Freezing;
import io.elapid.graph.Mode;
import io.elapid.graph.NamePattern;
import io.elapid.model.Backbone;
import io.elapid.model.Heads;
import io.elapid.model.Models;
import io.elapid.op.SoftDistillation;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import java.util.List;

/**
 * Turns the recipe's sections on network, optimiser and loss into what the engine wants to know.
 */
public final class TrainingSetup {
  private TrainingSetup() {}

  /**
   * Fails before anything is started if network, rules and loss of a recipe do not fit together.
   *
   * @throws InputException if they do not
   */
  public static void check(Recipe recipe, int classes) {
    Backbone network = network(recipe.model());
    rules(recipe).requireFitting(network.name(), network.tensors(Mode.TRAIN, classes));
    if (recipe.distillation().type() != DistillationSpec.Type.NONE
        && recipe.distillation().pupil() == DistillationSpec.Pupil.DISTILLATION_HEAD
        && !network.heads().distilled()) {
      throw new InputException(
          "distillation.pupil: %s has no distillation head".formatted(network.name()),
          "give it one by model.heads = distilled, or set distillation.pupil to every-head");
    }
  }

  /** The network that a recipe trains. */
  static Backbone network(Recipe.Model recipe) {
    Backbone usual = Models.byName(recipe.name());
    Backbone network =
        switch (recipe.heads()) {
          case USUAL -> usual;
          case SINGLE -> usual.withHeads(Heads.CLASSIFICATION);
          case DISTILLED -> usual.withHeads(Heads.CLASSIFICATION_AND_DISTILLATION);
        };
    return recipe.dropPath().isPresent()
        ? network.withDropPath(recipe.dropPath().getAsDouble())
        : network;
  }

  /** The network of a recipe for classification, with what it learns from; no teacher speaks yet. */
  static Classifier classifier(Recipe recipe, int classes) {
    return new Classifier(network(recipe.model()), classes, teaching(recipe));
  }

  /** How that network is trained. */
  static TrainerSettings<Batch> trainer(Recipe recipe, Classifier network) {
    Recipe.Optimizer optimizer = recipe.optimizer();
    return new TrainerSettings<>(
        network,
        Frame.square(recipe.batch().samplesPerShard(), recipe.model().imageSize()),
        recipe.seed(),
        new AdamWSettings(
            optimizer.beta1(), optimizer.beta2(), optimizer.epsilon(), optimizer.weightDecay()),
        new GradientClip.Limits(recipe.clip().norm(), recipe.clip().adaptive()),
        recipe.ema().decay(),
        rules(recipe),
        recipe.cluster().threadsPerRank());
  }

  private static ParameterRules rules(Recipe recipe) {
    List<ParameterRules.Rule> rules =
        recipe.optimizer().rules().stream()
            .map(
                rule ->
                    new ParameterRules.Rule(
                        new NamePattern(rule.names()), rule.rate(), rule.decay()))
            .toList();
    return new ParameterRules(
        switch (recipe.optimizer().decayed()) {
          case MATRICES -> ParameterRules.Decayed.MATRICES;
          case ALL -> ParameterRules.Decayed.ALL;
        },
        rules,
        new Freezing(
            recipe.freeze().names().stream().map(NamePattern::new).toList(),
            switch (recipe.freeze().norms()) {
              case BATCH -> Freezing.Norms.BATCH;
              case RUNNING -> Freezing.Norms.RUNNING;
            }));
  }

  private static Teaching teaching(Recipe recipe) {
    DistillationSpec distillation = recipe.distillation();
    return switch (distillation.type()) {
      case NONE -> recipe.mesa().ratio() > 0 ? new Teaching.ByAverage() : new Teaching.None();
      case HARD -> distilled(distillation, new Teaching.Lesson.Hard());
      case SOFT -> distilled(distillation, soft(distillation));
    };
  }

  private static Teaching distilled(DistillationSpec recipe, Teaching.Lesson lesson) {
    Teaching.Pupil pupil =
        switch (recipe.pupil()) {
          case DISTILLATION_HEAD -> Teaching.Pupil.DISTILLATION_HEAD;
          case EVERY_HEAD -> Teaching.Pupil.EVERY_HEAD;
        };
    return new Teaching.Distillation(pupil, lesson, recipe.labelWeight(), recipe.weight());
  }

  private static Teaching.Lesson soft(DistillationSpec recipe) {
    return new Teaching.Lesson.Soft(
        recipe.temperature(),
        switch (recipe.average()) {
          case SAMPLES -> SoftDistillation.Average.SAMPLES;
          case ELEMENTS -> SoftDistillation.Average.ELEMENTS;
        });
  }
}
