package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.data.loader.ShardPlan;
import io.elapid.data.shard.Manifest;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.optim.AdamWSettings;
import java.util.List;

/** Turns the recipe's sections into what engine and loader want to know. */
final class RankSetup {

  private RankSetup() {}

  static TrainerSettings trainerSettings(Recipe recipe, Manifest manifest) {
    Recipe.Optimizer optimizer = recipe.optimizer();
    return new TrainerSettings(
        recipe.model().name(),
        manifest.classes().size(),
        recipe.model().imageSize(),
        recipe.batch().samplesPerShard(),
        recipe.seed(),
        new AdamWSettings(
            optimizer.beta1(), optimizer.beta2(), optimizer.epsilon(), optimizer.weightDecay()),
        recipe.clip().norm(),
        recipe.ema().decay(),
        recipe.cluster().threadsPerRank());
  }

  /** The virtual shards of one rank: a contiguous range, as even as can be. */
  static ShardPlan plan(Recipe.Batch batch, int rank, int ranks) {
    int shards = batch.shards();
    int first = (int) ((long) rank * shards / ranks);
    int end = (int) ((rank + 1L) * shards / ranks);
    return new ShardPlan(shards, first, end - first, batch.samplesPerShard());
  }

  static LoaderSettings trainLoader(Recipe recipe, Manifest manifest) {
    return null;
  }

  static LoaderSettings evalLoader(Recipe recipe, Manifest manifest) {
    return null;
  }

  /** The weights that the recipe wants evaluated. */
  static List<NamedTensor> evaluated(Trainer trainer, Recipe recipe) {
    return switch (recipe.evaluation().weights()) {
      case MODEL -> trainer.model();
      case EMA -> recipe.ema().decay() > 0 ? trainer.ema() : trainer.model();
    };
  }
}
