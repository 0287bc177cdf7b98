package io.elapid.config;

import com.typesafe.config.Config;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What must hold between keys. A rule is skipped while one of its keys is wrong by itself. */
final class RecipeRules {
  private final Config source;
  private final Problems problems;

  private RecipeRules(Config source, Problems problems) {
    this.source = source;
    this.problems = problems;
  }

  static void check(Recipe recipe, Config source, Problems problems) {
    RecipeRules rules = new RecipeRules(source, problems);
    rules.batch(recipe.batch(), recipe.cluster());
    rules.cluster(recipe.cluster());
    rules.ports(recipe.cluster());
    ScheduleRules.check(recipe.schedule(), rules);
    rules.data(recipe.data());
    rules.teaching(recipe);
    rules.require(
        List.of("clip.adaptive", "clip.norm"),
        () -> recipe.clip().adaptive() == 0 || recipe.clip().norm() == 0,
        "cannot go with clip.norm: one of them must be 0");
    rules.require(
        List.of("evaluation.weights", "ema.decay"),
        () ->
            recipe.evaluation().weights() != Recipe.EvaluationWeights.EMA
                || recipe.ema().decay() > 0,
        "ema needs ema.decay above 0");
  }

  private void batch(Recipe.Batch batch, Recipe.Cluster cluster) {
    require(
        List.of("batch.size", "batch.shards"),
        () -> batch.size() % batch.shards() == 0,
        batch.size() + " is not divisible by batch.shards = " + batch.shards());
    require(
        List.of("cluster.ranks", "batch.shards", "batch.accumulate"),
        () -> cluster.ranks() <= batch.stepShards(),
        cluster.ranks()
            + " ranks cannot share batch.shards = "
            + batch.shards()
            + (batch.accumulate() == 1 ? "" : " accumulated " + batch.accumulate() + " times")
            + ": every rank needs a shard");
  }

  private void cluster(Recipe.Cluster cluster) {
    require(
        List.of("cluster.min-ranks", "cluster.ranks"),
        () -> cluster.minRanks() <= cluster.ranks(),
        cluster.minRanks() + " is above cluster.ranks = " + cluster.ranks());
  }

  private void ports(Recipe.Cluster cluster) {
    require(
        List.of("cluster.ports"),
        () -> cluster.ports().map(RecipeRules::isRange).orElse(true),
        "expected a range of ports such as \"7100-7163\", got \""
            + cluster.ports().orElse("")
            + "\"");
  }

  private static boolean isRange(String ports) {
    if (!ports.matches("\\d{1,5}-\\d{1,5}")) {
      return false;
    }
    int dash = ports.indexOf('-');
    int first = Integer.parseInt(ports.substring(0, dash));
    int last = Integer.parseInt(ports.substring(dash + 1));
    return first >= 1 && first <= last && last <= 65535;
  }

  private void teaching(Recipe recipe) {
    DistillationSpec distillation = recipe.distillation();
    boolean taught = distillation.type() != DistillationSpec.Type.NONE;
    require(
        List.of("mesa.ratio", "ema.decay"),
        () -> recipe.mesa().ratio() == 0 || recipe.ema().decay() > 0,
        "what teaches is the moving average: needs ema.decay above 0");
    require(
        List.of("mesa.ratio", "distillation.type"),
        () -> recipe.mesa().ratio() == 0 || !taught,
        "cannot go with a teacher: set it to 0, or distillation.type to none");
    require(
        List.of("distillation.pupil", "model.heads", "distillation.type"),
        () ->
            !taught
                || distillation.pupil() == DistillationSpec.Pupil.EVERY_HEAD
                || recipe.model().heads() != Recipe.NetworkHeads.SINGLE,
        "there is no distillation head: model.heads is single");
  }

  private void data(Recipe.Data data) {
    require(
        List.of("data.mean"), () -> data.mean().size() == 3, "expected three numbers (R, G, B)");
    require(List.of("data.std"), () -> data.std().size() == 3, "expected three numbers (R, G, B)");
    require(
        List.of("data.train-transforms"),
        () -> fixesSize(data.trainTransforms()),
        "needs random-resized-crop or center-crop, so that all pictures of a batch have one size");
    require(
        List.of("data.eval-transforms"),
        () -> fixesSize(data.evalTransforms()),
        "needs random-resized-crop or center-crop, so that all pictures of a batch have one size");
    require(
        List.of("data.train-transforms"),
        () -> inStages(data.trainTransforms()),
        "random-erasing and then batch-mix come last, at most one of each");
    require(
        List.of("data.eval-transforms"),
        () -> data.evalTransforms().stream().allMatch(t -> stage(t) == 0),
        "random-erasing and batch-mix are for training only");
    for (int i = 0; i < data.trainTransforms().size(); i++) {
      ordered("data.train-transforms", i, data.trainTransforms().get(i));
    }
  }

  private static boolean fixesSize(List<TransformSpec> transforms) {
    return transforms.stream()
        .anyMatch(
            t ->
                t instanceof TransformSpec.RandomResizedCrop
                    || t instanceof TransformSpec.CenterCrop);
  }

  private static boolean inStages(List<TransformSpec> transforms) {
    int last = 0;
    for (TransformSpec transform : transforms) {
      int stage = stage(transform);
      if (stage < last || (stage > 0 && stage == last)) {
        return false;
      }
      last = stage;
    }
    return true;
  }

  /** Pictures, normalised pictures, batches. */
  private static int stage(TransformSpec transform) {
    if (transform instanceof TransformSpec.BatchMix) {
      return 2;
    }
    return transform instanceof TransformSpec.RandomErasing ? 1 : 0;
  }

  private void ordered(String path, int index, TransformSpec transform) {
    if (transform instanceof TransformSpec.RandomResizedCrop crop) {
      require(
          List.of(path),
          () -> crop.minArea() <= crop.maxArea() && crop.minRatio() <= crop.maxRatio(),
          "[" + index + "] min-area and min-ratio must not be above max-area and max-ratio");
    }
    if (transform instanceof TransformSpec.RandomErasing erasing) {
      require(
          List.of(path),
          () -> erasing.minArea() <= erasing.maxArea(),
          "[" + index + "] min-area must not be above max-area");
    }
    if (transform instanceof TransformSpec.BatchMix mix) {
      require(
          List.of(path),
          () -> mix.mixup() + mix.cutmix() > 0,
          "[" + index + "] needs mixup or cutmix above 0");
    }
  }

  void require(List<String> paths, BooleanSupplier holds, String problem) {
    if (paths.stream().noneMatch(problems::mentions) && !holds.getAsBoolean()) {
      problems.add(source, paths.get(0), problem);
    }
  }
}
