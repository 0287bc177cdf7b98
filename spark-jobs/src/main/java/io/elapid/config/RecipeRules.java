package io.elapid.config;

import com.typesafe.config.Config;
import io.elapid.model.Models;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
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
    rules.norms(recipe);
    rules.dl4j(recipe);
    rules.transport(recipe);
    rules.compression(recipe.sync());
    rules.cluster(recipe.cluster());
    rules.ports(recipe.cluster());
    ScheduleRules.check(recipe.schedule(), rules);
    rules.data(recipe.data());
    new TransformRules(recipe, source, problems).check();
    rules.optimizer(recipe.optimizer());
    rules.teaching(recipe);
    rules.require(
        List.of("track.mlflow"),
        () -> recipe.track().mlflow().map(RecipeRules::isHttp).orElse(true),
        "expected the address of a server such as http://mlflow:5000, got \""
            + recipe.track().mlflow().orElse("")
            + "\"");
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
    rules.task(recipe);
    rules.imageSize(recipe.model());
  }

  private void imageSize(Recipe.Model model) {
    // that there is no such network is said when it is made
    if (Models.names().contains(model.name().toLowerCase(Locale.ROOT))) {
      int multiple = Models.byName(model.name()).sideMultiple();
      require(
          List.of("model.image-size"),
          () -> model.imageSize() % multiple == 0,
          "%s takes sides that are multiples of %d, got %d"
              .formatted(model.name(), multiple, model.imageSize()));
    }
  }

  private void task(Recipe recipe) {
    TaskSpec.Type type = recipe.task().type();
    Recipe.Metric metric = recipe.evaluation().metric();
    require(
        List.of("evaluation.metric", "task.type"),
        () -> metric == Recipe.Metric.USUAL || type.metrics().contains(metric),
        "task.type = %s is measured by %s"
            .formatted(
                Keys.of(type), String.join(", ", type.metrics().stream().map(Keys::of).toList())));
    TaskSpec.HeadType head = recipe.task().head().type();
    require(
        List.of("task.head.type", "task.type"),
        () -> head.fits(type),
        "%s is no head for task.type = %s".formatted(Keys.of(head), Keys.of(type)));
    require(
        List.of("task.head.type", "batch.size", "batch.shards"),
        () -> !head.poolsToOnePixel() || recipe.batch().size() >= 2 * recipe.batch().shards(),
        "%s normalises one pixel of each picture over a shard: batch.size must be at least twice batch.shards"
            .formatted(Keys.of(head)));
    boolean classifies = type == TaskSpec.Type.CLASSIFICATION;
    require(
        List.of("distillation.type", "task.type"),
        () -> classifies || recipe.distillation().type() == DistillationSpec.Type.NONE,
        "only classifiers are taught by another network");
    require(
        List.of("mesa.ratio", "task.type"),
        () -> classifies || recipe.mesa().ratio() == 0,
        "only classifiers are taught by their moving average");
    require(
        List.of("data.repeats", "task.type"),
        () -> classifies || recipe.data().repeats() == 1,
        "only classifiers are shown a picture several times: set it to 1");
  }

  private void batch(Recipe.Batch batch, ClusterSpec cluster) {
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

  private void norms(Recipe recipe) {
    boolean alone = recipe.sync().batchNorm() == SyncSpec.BatchNorm.SHARD;
    require(
        List.of("sync.batch-norm", "sync.mode"),
        () -> alone || recipe.sync().mode() == SyncSpec.Mode.ALL_REDUCE,
        "batch needs ranks that step together: set sync.mode = all-reduce, or sync.batch-norm = shard");
    require(
        List.of("batch.accumulate"),
        () -> alone || recipe.batch().accumulate() == 1,
        "must be 1 with sync.batch-norm = batch, which takes all shards of a step at the same time:"
            + " raise batch.size instead, or set sync.batch-norm = shard");
  }

  /** What DL4J's averaging cannot do. */
  private void dl4j(Recipe recipe) {
    boolean other = recipe.sync().mode() != SyncSpec.Mode.DL4J;
    int shards = recipe.batch().stepShards();
    require(
        List.of("cluster.ranks", "batch.shards", "batch.accumulate", "sync.mode"),
        () -> other || shards % recipe.cluster().ranks() == 0,
        "%d ranks have unequal shares of batch.shards x batch.accumulate = %d, and sync.mode = dl4j counts all ranks alike: change one of them, or set sync.mode = average"
            .formatted(recipe.cluster().ranks(), shards));
    require(
        List.of("cluster.gpus-per-rank", "sync.mode"),
        () -> other || recipe.cluster().gpusPerRank() == 0,
        "must be 0 with sync.mode = dl4j, which trains on processors alone: set sync.mode = average");
    require(
        List.of("log.profile-steps", "sync.mode"),
        () -> other || recipe.log().profileSteps() == 0,
        "must be 0 with sync.mode = dl4j, whose ranks keep no trace: set sync.mode = average");
  }

  private void transport(Recipe recipe) {
    boolean sockets = recipe.sync().transport() == SyncSpec.SumTransport.SOCKETS;
    require(
        List.of("sync.transport", "sync.mode"),
        () -> sockets || recipe.sync().mode() != SyncSpec.Mode.DL4J,
        "nccl needs ranks that are connected, which those of sync.mode = dl4j are not: set sync.transport = sockets");
    require(
        List.of("sync.transport", "sync.compression"),
        () -> sockets || recipe.sync().compression() == SyncSpec.GradientCompression.NONE,
        "nccl sums gradients as they are: set sync.compression = none, or sync.transport = sockets");
    require(
        List.of("sync.transport", "cluster.gpus-per-rank"),
        () -> sockets || recipe.cluster().gpusPerRank() == 1,
        "nccl sums between GPUs: set cluster.gpus-per-rank = 1, or sync.transport = sockets");
  }

  private void compression(SyncSpec sync) {
    require(
        List.of("sync.compression", "sync.mode"),
        () ->
            sync.compression() == SyncSpec.GradientCompression.NONE
                || sync.mode() == SyncSpec.Mode.ALL_REDUCE,
        "only gradients that are summed are compressed: set sync.mode = all-reduce, or sync.compression = none");
  }

  private void cluster(ClusterSpec cluster) {
    require(
        List.of("cluster.min-ranks", "cluster.ranks"),
        () -> cluster.minRanks() <= cluster.ranks(),
        cluster.minRanks() + " is above cluster.ranks = " + cluster.ranks());
    require(
        List.of("cluster.gpu-storage", "cluster.gpus-per-rank"),
        () -> cluster.gpuStorage() == ClusterSpec.GpuStorage.FLOAT32 || cluster.gpusPerRank() == 1,
        "only a GPU keeps tensors in bfloat16: set cluster.gpus-per-rank = 1, or cluster.gpu-storage = float32");
  }

  private void ports(ClusterSpec cluster) {
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

  private static boolean isHttp(String address) {
    try {
      URI uri = new URI(address);
      return uri.getHost() != null
          && uri.getUserInfo() == null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
    } catch (URISyntaxException e) {
      return false;
    }
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

  private void optimizer(Recipe.Optimizer optimizer) {
    for (int i = 0; i < optimizer.rules().size(); i++) {
      Recipe.ParameterRule rule = optimizer.rules().get(i);
      require(
          List.of("optimizer.rules"),
          () -> rule.rate().isPresent() || rule.decay().isPresent(),
          "[%d] says neither rate nor decay of %s".formatted(i, rule.names()));
    }
  }

  private void data(Recipe.Data data) {
    require(
        List.of("data.mean"), () -> data.mean().size() == 3, "expected three numbers (R, G, B)");
    require(List.of("data.std"), () -> data.std().size() == 3, "expected three numbers (R, G, B)");
    // anything else would be a folder below that of each executor, which ends with it
    require(
        List.of("data.cache"),
        () -> data.cache().map(folder -> folder.startsWith("/")).orElse(true),
        "expected an absolute path on the local disk such as /local/elapid, got \""
            + data.cache().orElse("")
            + "\"");
  }

  void require(List<String> paths, BooleanSupplier holds, String problem) {
    problems.require(source, paths, holds, problem);
  }
}
