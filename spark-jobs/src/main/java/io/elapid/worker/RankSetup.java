package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.loader.ReadSettings;
import io.elapid.engine.Trainer;
import io.elapid.task.evaluation.DetectionLimits;
import io.elapid.task.evaluation.SegmentationMetrics;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** What a rank takes from the recipe's sections on data and evaluation. */
final class RankSetup {

  private RankSetup() {}

  /** A storage configuration that fetches shards as the recipe says. */
  static Configuration reading(Configuration conf, Recipe.Data data) {
    return new ReadSettings(data.readRetry(), data.cache(), (long) data.cacheSize() << 30).in(conf);
  }

  /** How many found objects count. */
  static DetectionLimits limits(Recipe recipe) {
    return switch (recipe.task().detectionLimits()) {
      case PYCOCOTOOLS -> DetectionLimits.PYCOCOTOOLS;
      case MMDET -> DetectionLimits.MMDET;
    };
  }

  /** What absent classes mean for means over classes. */
  static SegmentationMetrics.AbsentClasses absent(Recipe recipe) {
    return switch (recipe.task().absentClasses()) {
      case SKIPPED -> SegmentationMetrics.AbsentClasses.SKIPPED;
      case ZERO -> SegmentationMetrics.AbsentClasses.ZERO;
    };
  }

  /** The weights that the recipe wants evaluated. */
  static List<NamedTensor> evaluated(Trainer<?> trainer, Recipe recipe) {
    return switch (recipe.evaluation().weights()) {
      case MODEL -> trainer.model();
      case EMA -> recipe.ema().decay() > 0 ? trainer.ema() : trainer.model();
    };
  }
}
