package io.elapid.data.loader;

import io.elapid.data.target.TargetKind;
import java.io.IOException;
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
    return open(conf, dataset, split, settings).train(plan, startStep);
  }

  /** Opens a split for evaluation, as {@link BatchLoader#evaluation}. */
  public static BatchLoader<SegmentationBatch> evaluation(
      Configuration conf,
      Path dataset,
      String split,
      SegmentationSettings settings,
      EvaluationShare share)
      throws IOException {
    return open(conf, dataset, split, settings).evaluate(share);
  }

  private static FramedOpening<SegmentationBatch> open(
      Configuration conf, Path dataset, String split, SegmentationSettings settings)
      throws IOException {
    return FramedOpening.open(
        conf,
        dataset,
        split,
        TargetKind.SEGMENTATION,
        settings,
        (frames, samples) -> new SegmentationMaker(settings, frames, samples));
  }
}
