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
    rules.ports(recipe.cluster());
    rules.schedule(recipe.schedule());
    rules.data(recipe.data());
    new TransformRules(recipe, source, problems).check();
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
        List.of("cluster.ranks", "batch.shards"),
        () -> cluster.ranks() <= batch.shards(),
        cluster.ranks()
            + " ranks cannot share batch.shards = "
            + batch.shards()
            + ": every rank needs a shard");
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

  private void schedule(Recipe.Schedule schedule) {
    require(
        List.of("schedule.min-learning-rate", "schedule.learning-rate"),
        () -> schedule.minLearningRate() <= schedule.learningRate(),
        above(schedule.minLearningRate(), schedule));
    require(
        List.of("schedule.warmup-learning-rate", "schedule.learning-rate"),
        () -> schedule.warmupLearningRate() <= schedule.learningRate(),
        above(schedule.warmupLearningRate(), schedule));
    require(
        List.of("schedule.warmup-epochs", "schedule.epochs"),
        () -> schedule.warmupEpochs() < schedule.epochs(),
        "must be below schedule.epochs = " + schedule.epochs());
  }

  private static String above(double rate, Recipe.Schedule schedule) {
    return rate + " is above schedule.learning-rate = " + schedule.learningRate();
  }

  private void data(Recipe.Data data) {
    require(
        List.of("data.mean"), () -> data.mean().size() == 3, "expected three numbers (R, G, B)");
    require(List.of("data.std"), () -> data.std().size() == 3, "expected three numbers (R, G, B)");
  }

  private void require(List<String> paths, BooleanSupplier holds, String problem) {
    problems.require(source, paths, holds, problem);
  }
}
