package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.image.Size;
import io.elapid.data.target.Instances;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Opens loaders of pictures that keep sizes of their own, whose batches come in a few frames.
 *
 * <p>What is decoded of the batches under way is held besides the batches themselves: of pictures a
 * byte for each value, a quarter of what they take in a batch.
 *
 * @param <B> batches
 */
public final class FramedLoader<B> {
  private final TargetKind kind;
  private final FramedSettings settings;

  /** Of the batches in these frames, of so many samples. */
  private final BiFunction<FrameSizes, Integer, BatchMaker<B>> maker;

  private FramedLoader(
      TargetKind kind,
      FramedSettings settings,
      BiFunction<FrameSizes, Integer, BatchMaker<B>> maker) {
    this.kind = kind;
    this.settings = settings;
    this.maker = maker;
  }

  /**
   * Of pictures with objects. Training leaves out pictures without annotations of a known class and
   * tiny ones, as published detectors do.
   *
   * @param parts of the objects that are learnt
   */
  public static FramedLoader<DetectionBatch> ofObjects(
      FramedSettings settings, Instances.Parts parts) {
    return new FramedLoader<>(
        TargetKind.DETECTION,
        settings,
        (frames, samples) -> new DetectionMaker(settings, parts, frames, samples));
  }

  /** Of pictures with a label for every pixel. */
  public static FramedLoader<SegmentationBatch> ofLabels(FramedSettings settings) {
    return new FramedLoader<>(
        TargetKind.SEGMENTATION,
        settings,
        (frames, samples) -> new SegmentationMaker(settings, frames, samples));
  }

  /**
   * Opens a split for training, as {@link BatchLoader#training}.
   *
   * @param startStep global step of the first batch, counted over all epochs from 0
   */
  public BatchLoader<B> training(
      Configuration conf, Path dataset, String split, ShardPlan plan, long startStep)
      throws IOException {
    SplitOpening opening = open(conf, dataset, split);
    RowSelection rows = RowSelection.trainedOn(opening);
    int samples = plan.samplesPerShard();
    return opening.train(
        rows,
        settings.grouping(),
        new SampleOrder(rows.groupRows(), plan.shards(), samples, settings.seed()),
        plan,
        new SplitOpening.Start(settings.seed(), startStep),
        settings.background(),
        maker(opening, rows, samples));
  }

  /** Opens a split for evaluation, as {@link BatchLoader#evaluation}: every picture. */
  public BatchLoader<B> evaluation(
      Configuration conf, Path dataset, String split, EvaluationShare share) throws IOException {
    SplitOpening opening = open(conf, dataset, split);
    return opening.evaluate(
        share,
        settings.seed(),
        settings.background(),
        maker(opening, RowSelection.every(opening), share.batchSize()));
  }

  /** The frames of batches of so many samples of a split, in training. */
  public FrameSizes trainingFrames(Configuration conf, Path dataset, String split, int samples)
      throws IOException {
    SplitOpening opening = open(conf, dataset, split);
    return frames(opening, RowSelection.trainedOn(opening), samples);
  }

  /** The same in evaluation. */
  public FrameSizes evaluationFrames(Configuration conf, Path dataset, String split, int samples)
      throws IOException {
    SplitOpening opening = open(conf, dataset, split);
    return frames(opening, RowSelection.every(opening), samples);
  }

  private SplitOpening open(Configuration conf, Path dataset, String split) throws IOException {
    return SplitOpening.open(conf, dataset, split, kind, settings.classes(), settings.pipeline());
  }

  private BatchMaker<B> maker(SplitOpening split, RowSelection rows, int samples) {
    return maker.apply(frames(split, rows, samples), samples);
  }

  private FrameSizes frames(SplitOpening split, RowSelection rows, int samples) {
    Map<Size, Long> sizes = rows.sizes();
    if (sizes.isEmpty()) {
      throw new InputException(
          "split \"%s\" of %s has no picture that could be used"
              .formatted(split.split(), split.dataset()),
          "take a split with annotated pictures of at least 32 x 32 pixels");
    }
    return FrameSizes.choose(sizes, settings.pipeline(), samples, settings.frames());
  }
}
