package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.image.Size;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Opens a split whose batches come in a few frames.
 *
 * @param maker of the batches in these frames, of so many samples
 */
record FramedOpening<B>(
    SplitOpening split,
    FramedSettings settings,
    BiFunction<FrameSizes, Integer, BatchMaker<B>> maker) {

  static <B> FramedOpening<B> open(
      Configuration conf,
      Path dataset,
      String split,
      TargetKind kind,
      FramedSettings settings,
      BiFunction<FrameSizes, Integer, BatchMaker<B>> maker)
      throws IOException {
    return new FramedOpening<>(
        SplitOpening.open(conf, dataset, split, kind, settings.classes(), settings.pipeline()),
        settings,
        maker);
  }

  BatchLoader<B> train(ShardPlan plan, long startStep) {
    RowSelection rows = RowSelection.trainedOn(split);
    int samples = plan.samplesPerShard();
    return split.train(
        rows,
        settings.grouping(),
        new SampleOrder(rows.groupRows(), plan.shards(), samples, settings.seed()),
        plan,
        new SplitOpening.Start(settings.seed(), startStep),
        settings.background(),
        maker(rows, samples));
  }

  BatchLoader<B> evaluate(EvaluationShare share) {
    return split.evaluate(
        share,
        settings.seed(),
        settings.background(),
        maker(RowSelection.every(split), share.batchSize()));
  }

  private BatchMaker<B> maker(RowSelection rows, int samples) {
    Map<Size, Long> sizes = rows.sizes();
    if (sizes.isEmpty()) {
      throw new InputException(
          "split \"%s\" of %s has no picture that could be used"
              .formatted(split.split(), split.dataset()),
          "take a split with annotated pictures of at least 32 x 32 pixels");
    }
    FrameSizes frames = FrameSizes.choose(sizes, settings.pipeline(), samples, settings.frames());
    return maker.apply(frames, samples);
  }
}
