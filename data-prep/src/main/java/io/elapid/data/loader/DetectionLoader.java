package io.elapid.data.loader;

import io.elapid.data.target.TargetKind;
import java.io.IOException;
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
    return open(conf, dataset, split, settings).train(plan, startStep);
  }

  /** Opens a split for evaluation, as {@link BatchLoader#evaluation}: every picture. */
  public static BatchLoader<DetectionBatch> evaluation(
      Configuration conf,
      Path dataset,
      String split,
      DetectionSettings settings,
      EvaluationShare share)
      throws IOException {
    return open(conf, dataset, split, settings).evaluate(share);
  }

  private static FramedOpening<DetectionBatch> open(
      Configuration conf, Path dataset, String split, DetectionSettings settings)
      throws IOException {
    return FramedOpening.open(
        conf,
        dataset,
        split,
        TargetKind.DETECTION,
        settings,
        (frames, samples) -> new DetectionMaker(settings, frames, samples));
  }
}
