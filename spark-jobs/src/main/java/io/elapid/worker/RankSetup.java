package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.config.TaskSpec;
import io.elapid.config.TransformSpec;
import io.elapid.config.Transforms;
import io.elapid.data.augment.Normalization;
import io.elapid.data.loader.Background;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.loader.Grouping;
import io.elapid.data.loader.ReadSettings;
import io.elapid.data.target.TargetKind;
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

  /** Pictures that keep sizes of their own. */
  static FramedSettings framed(Recipe recipe, int classes, List<TransformSpec> transforms) {
    Recipe.Data data = recipe.data();
    return new FramedSettings(
        Transforms.pipeline(recipe, transforms),
        new Normalization(array(data.mean()), array(data.std())),
        grouping(recipe.task()),
        recipe.task().frames(),
        classes,
        recipe.seed(),
        background(data));
  }

  private static Grouping grouping(TaskSpec task) {
    // the crops of classes of pixels are all alike
    if (task.type().kind() != TargetKind.DETECTION) {
      return Grouping.NONE;
    }
    return switch (task.grouping()) {
      case NONE -> Grouping.NONE;
      case ASPECT_RATIO -> Grouping.ASPECT_RATIO;
    };
  }

  private static Background background(Recipe.Data data) {
    return new Background(data.loaderThreads(), data.prefetch(), data.timeout(), data.maxCorrupt());
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

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The weights that the recipe wants evaluated. */
  static List<NamedTensor> evaluated(Trainer<?> trainer, Recipe recipe) {
    return switch (recipe.evaluation().weights()) {
      case MODEL -> trainer.model();
      case EMA -> recipe.ema().decay() > 0 ? trainer.ema() : trainer.model();
    };
  }
}
