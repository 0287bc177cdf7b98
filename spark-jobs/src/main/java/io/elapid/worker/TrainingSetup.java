package io.elapid.worker;

import io.elapid.config.DistillationSpec;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeNetworks;
import io.elapid.config.TaskSpec;
import io.elapid.data.InputException;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.shard.Manifest;
import io.elapid.data.target.TargetKind;
import io.elapid.engine.Classifier;
import io.elapid.engine.Frame;
import io.elapid.engine.MemoryUse;
import io.elapid.engine.Network;
import io.elapid.engine.ParameterRules;
import io.elapid.engine.Recomputation;
import io.elapid.engine.Teaching;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.BatchStatistics;
import io.elapid.graph.Freezing;
import io.elapid.graph.Mode;
import io.elapid.graph.NamePattern;
import io.elapid.graph.ParameterTable;
import io.elapid.model.Backbone;
import io.elapid.op.SoftDistillation;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Turns the recipe's sections on network, optimiser and loss into what the engine wants to know.
 */
public final class TrainingSetup {
  private TrainingSetup() {}

  /**
   * Fails before anything is started if network, rules and loss of a recipe do not fit together, or
   * not to a data set.
   *
   * @throws InputException if they do not
   */
  public static void check(Recipe recipe, Manifest manifest) {
    TargetKind kind = recipe.task().type().kind();
    if (manifest.kind() != kind) {
      throw new InputException(
          "task.type: %s learns from a data set annotated for %s, and %s is annotated for %s"
              .formatted(
                  recipe.task().type().key(),
                  name(kind),
                  recipe.data().requirePath(),
                  name(manifest.kind())),
          "take a recipe for such data, or a data set that suits the recipe (elapid inspect says of"
              + " each what it is)");
    }
    check(recipe, manifest.classes().size());
  }

  /** The data set of a run. */
  public static Manifest manifest(Configuration hadoop, Recipe.Data data) throws Exception {
    Path dataset = new Path(data.requirePath());
    return Deadline.call(
        data.timeout(),
        "reading the data set " + dataset,
        "data.timeout",
        () -> Manifest.read(hadoop, dataset));
  }

  private static String name(TargetKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Fails before anything is started if network, rules and loss of a recipe do not fit together.
   *
   * @throws InputException if they do not
   */
  public static void check(Recipe recipe, int classes) {
    Backbone network = RecipeNetworks.published(recipe.model());
    rules(recipe).requireFitting(network.name(), tensors(recipe, network, classes));
    if (recipe.distillation().type() != DistillationSpec.Type.NONE
        && recipe.distillation().pupil() == DistillationSpec.Pupil.DISTILLATION_HEAD
        && !network.heads().distilled()) {
      throw new InputException(
          "distillation.pupil: %s has no distillation head".formatted(network.name()),
          "give it one by model.heads = distilled, or set distillation.pupil to every-head");
    }
    if (recipe.task().type() == TaskSpec.Type.CLASSIFICATION
        && recipe.batch().samplesPerShard() == 1) {
      requireValuesToNormalise(recipe, classes);
    }
  }

  private static void requireValuesToNormalise(Recipe recipe, int classes) {
    List<String> norms = Trainer.normsOfOneValue(trainer(recipe, classifier(recipe, classes)));
    if (!norms.isEmpty()) {
      throw new InputException(
          "batch.shards: %d shards of batch.size = %d hold one picture each, and batch norm %s of %s, which then has one value of each channel, would make the same of every picture"
              .formatted(
                  recipe.batch().shards(),
                  recipe.batch().size(),
                  norms.get(norms.size() - 1),
                  recipe.model().name()),
          "set batch.shards to half of batch.size or less, or sync.batch-norm to batch");
    }
  }

  /** Names and shapes of what is trained. */
  private static ParameterTable tensors(Recipe recipe, Backbone network, int classes) {
    return switch (recipe.task().type()) {
      case CLASSIFICATION -> network.tensors(Mode.TRAIN, classes);
      case SEMANTIC_SEGMENTATION, OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          Trainer.tensors(trainer(recipe, DenseForm.of(recipe, classes).network()));
    };
  }

  /**
   * The network of a recipe for classification, with what it learns from; no teacher speaks yet.
   */
  static Classifier classifier(Recipe recipe, int classes) {
    return new Classifier(RecipeNetworks.published(recipe.model()), classes, teaching(recipe));
  }

  /** Numbers that a network of a recipe learns, without what it keeps of its batches. */
  public static long parameters(Recipe recipe, Network<?> network) {
    return Trainer.tensors(trainer(recipe, network)).countedLength();
  }

  /** Memory of a step, at the size of most. */
  static MemoryUse plan(Recipe recipe, int classes) {
    return switch (recipe.task().type()) {
      case CLASSIFICATION -> Trainer.plan(trainer(recipe, classifier(recipe, classes)));
      case SEMANTIC_SEGMENTATION, OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          Trainer.plan(trainer(recipe, DenseForm.of(recipe, classes).network()));
    };
  }

  /** How a network is trained. */
  static <B extends ImageBatch> TrainerSettings<B> trainer(Recipe recipe, Network<B> network) {
    Recipe.Optimizer optimizer = recipe.optimizer();
    TrainerSettings<B> settings =
        new TrainerSettings<>(
            network,
            Frame.square(recipe.batch().samplesPerShard(), recipe.model().imageSize()),
            recipe.seed(),
            new AdamWSettings(
                optimizer.beta1(), optimizer.beta2(), optimizer.epsilon(), optimizer.weightDecay()),
            new GradientClip.Limits(recipe.clip().norm(), recipe.clip().adaptive()),
            recipe.ema().decay(),
            rules(recipe),
            recipe.cluster().threadsPerRank());
    return settings
        .with(statistics(recipe))
        .with(recomputation(recipe))
        .withFrames(recipe.task().frames());
  }

  private static BatchStatistics statistics(Recipe recipe) {
    return switch (recipe.sync().batchNorm()) {
      case SHARD -> BatchStatistics.SHARD;
      case BATCH -> BatchStatistics.BATCH;
    };
  }

  private static Recomputation recomputation(Recipe recipe) {
    return switch (recipe.cluster().recompute()) {
      case MAPS -> Recomputation.MAPS;
      case NOTHING -> Recomputation.NOTHING;
    };
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
            patterns(recipe.freeze().names()),
            switch (recipe.freeze().norms()) {
              case BATCH -> Freezing.Norms.BATCH;
              case RUNNING -> Freezing.Norms.RUNNING;
            },
            patterns(recipe.freeze().statistics())));
  }

  private static List<NamePattern> patterns(List<String> names) {
    return names.stream().map(NamePattern::new).toList();
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
