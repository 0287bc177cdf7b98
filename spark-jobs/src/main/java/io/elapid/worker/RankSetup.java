package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.PictureLoading;
import io.elapid.config.Recipe;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.data.loader.ReadSettings;
import io.elapid.engine.Trainer;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** What a rank takes from the recipe's sections on data and evaluation. */
final class RankSetup {

  private RankSetup() {}

  /** A storage configuration that fetches shards as the recipe says. */
  static Configuration reading(Configuration conf, Recipe.Data data) {
    return new ReadSettings(data.readRetry(), data.cache(), (long) data.cacheSize() << 30).in(conf);
  }

  static LoaderSettings trainLoader(Recipe recipe, int classes) {
    return PictureLoading.training(recipe, classes);
  }

  static LoaderSettings evalLoader(Recipe recipe, int classes) {
    return PictureLoading.evaluation(recipe, classes);
  }

  /** The weights that the recipe wants evaluated. */
  static List<NamedTensor> evaluated(Trainer trainer, Recipe recipe) {
    return switch (recipe.evaluation().weights()) {
      case MODEL -> trainer.model();
      case EMA -> recipe.ema().decay() > 0 ? trainer.ema() : trainer.model();
    };
  }
}
