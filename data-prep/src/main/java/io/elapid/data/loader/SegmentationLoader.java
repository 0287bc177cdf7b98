package io.elapid.data.loader;

import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Opens loaders of pictures with a label for every pixel.
 *
 * <p>The decoded pictures and labels of the batches under way are held besides the batches
 * themselves.
 */
public final class SegmentationLoader {
  private SegmentationLoader() {}

  /**
   * Opens a split for training, as {@link BatchLoader#training}.
   *
   * @param startStep global step of the first batch, counted over all epochs from 0
   */
  public static BatchLoader<SegmentationBatch> training(
      Configuration conf,
      Path dataset,
      String split,
      SegmentationSettings settings,
      ShardPlan plan,
      long startStep)
      throws IOException {
    SplitOpening opening = open(conf, dataset, split, settings);
    RowSelection rows = RowSelection.every(conf, dataset, opening.manifest(), split);
    SampleOrder order =
        new SampleOrder(rows.groupRows(), plan.shards(), plan.samplesPerShard(), settings.seed());
    return opening.train(
        rows,
        Grouping.NONE,
        order,
        plan,
        new SplitOpening.Start(settings.seed(), startStep),
        settings.background(),
        maker(settings, rows.sizes(), plan.samplesPerShard()));
  }

  /** Opens a split for evaluation, as {@link BatchLoader#evaluation}. */
  public static BatchLoader<SegmentationBatch> evaluation(
      Configuration conf,
      Path dataset,
      String split,
      SegmentationSettings settings,
      EvaluationShare share)
      throws IOException {
    SplitOpening opening = open(conf, dataset, split, settings);
    Map<Size, Long> sizes = RowSelection.every(conf, dataset, opening.manifest(), split).sizes();
    return opening.evaluate(
        share, settings.seed(), settings.background(), maker(settings, sizes, share.batchSize()));
  }

  private static SplitOpening open(
      Configuration conf, Path dataset, String split, SegmentationSettings settings)
      throws IOException {
    return SplitOpening.open(
        conf, dataset, split, TargetKind.SEGMENTATION, settings.classes(), settings.pipeline());
  }

  private static SegmentationMaker maker(
      SegmentationSettings settings, Map<Size, Long> sizes, int samples) {
    FrameSizes frames = FrameSizes.choose(sizes, settings.pipeline(), samples, settings.frames());
    return new SegmentationMaker(settings, frames, samples);
  }
}
