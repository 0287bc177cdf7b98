package io.elapid.data.loader;

import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Opens loaders of pictures with objects.
 *
 * <p>The decoded pictures of the batches under way are held besides the batches themselves: a byte
 * for each value, a quarter of what they take in a batch.
 */
public final class DetectionLoader {
  private DetectionLoader() {}

  /**
   * Opens a split for training, as {@link BatchLoader#training}. Pictures without annotations of a
   * known class and tiny ones are left out, as published detectors do.
   *
   * @param startStep global step of the first batch, counted over all epochs from 0
   */
  public static BatchLoader<DetectionBatch> training(
      Configuration conf,
      Path dataset,
      String split,
      DetectionSettings settings,
      ShardPlan plan,
      long startStep)
      throws IOException {
    SplitOpening opening = open(conf, dataset, split, settings);
    RowSelection rows = RowSelection.trainedOn(conf, dataset, opening.manifest(), split);
    SampleOrder order =
        new SampleOrder(rows.groupRows(), plan.shards(), plan.samplesPerShard(), settings.seed());
    return opening.train(
        rows,
        settings.grouping(),
        order,
        plan,
        new SplitOpening.Start(settings.seed(), startStep),
        settings.background(),
        maker(settings, rows.sizes(), plan.samplesPerShard()));
  }

  /** Opens a split for evaluation, as {@link BatchLoader#evaluation}: every picture. */
  public static BatchLoader<DetectionBatch> evaluation(
      Configuration conf,
      Path dataset,
      String split,
      DetectionSettings settings,
      EvaluationShare share)
      throws IOException {
    SplitOpening opening = open(conf, dataset, split, settings);
    Map<Size, Long> sizes = RowSelection.every(conf, dataset, opening.manifest(), split).sizes();
    return opening.evaluate(
        share, settings.seed(), settings.background(), maker(settings, sizes, share.batchSize()));
  }

  private static SplitOpening open(
      Configuration conf, Path dataset, String split, DetectionSettings settings)
      throws IOException {
    return SplitOpening.open(
        conf, dataset, split, TargetKind.DETECTION, settings.classes(), settings.pipeline());
  }

  private static DetectionMaker maker(
      DetectionSettings settings, Map<Size, Long> sizes, int samples) {
    FrameSizes frames = FrameSizes.choose(sizes, settings.pipeline(), samples, settings.frames());
    return new DetectionMaker(settings, frames, samples);
  }
}
