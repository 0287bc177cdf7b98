package io.elapid.data.loader;

import io.elapid.data.InputException;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.Transform;
import io.elapid.data.shard.Manifest;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A split of a data set that suits what is to be loaded, about to be read. */
record SplitOpening(
    Configuration conf, Path dataset, String split, Manifest manifest, SplitFiles files) {

  /**
   * Opens a split.
   *
   * @throws InputException if the data set is unfinished, damaged, of another kind or another
   *     number of classes, or the transforms are not for such pictures
   */
  static SplitOpening open(
      Configuration conf,
      Path dataset,
      String split,
      TargetKind kind,
      int classes,
      Pipeline pipeline)
      throws IOException {
    Manifest manifest = Manifest.read(conf, dataset);
    if (manifest.kind() != kind) {
      throw new InputException(
          "the data set %s is annotated for %s, not with %s"
              .formatted(dataset, name(manifest.kind()), annotation(kind)),
          "use a data set that was prepared as " + source(kind));
    }
    if (manifest.classes().size() != classes) {
      throw new InputException(
          "the data set %s has %d classes, the model %d"
              .formatted(dataset, manifest.classes().size(), classes),
          "use a model made for %d classes, or another data set"
              .formatted(manifest.classes().size()));
    }
    checkTransforms(pipeline, kind, dataset);
    return new SplitOpening(
        conf, dataset, split, manifest, SplitFiles.open(conf, dataset, manifest, split));
  }

  private static void checkTransforms(Pipeline pipeline, TargetKind kind, Path dataset) {
    String unfit =
        pipeline.unfit(kind).stream().map(Transform::name).collect(Collectors.joining(", "));
    if (!unfit.isEmpty()) {
      throw new InputException(
          "%s cannot be applied to the pictures of %s, which is annotated for %s"
              .formatted(unfit, dataset, name(kind)),
          "take it out of the recipe's transforms; conf/base.conf says which are for "
              + name(kind));
    }
  }

  private static String name(TargetKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static String annotation(TargetKind kind) {
    return switch (kind) {
      case CLASSIFICATION -> "one class for each picture";
      case DETECTION -> "the objects in each picture";
      case SEGMENTATION -> "a class for each pixel";
    };
  }

  private static String source(TargetKind kind) {
    return switch (kind) {
      case CLASSIFICATION -> "imagenet";
      case DETECTION -> "coco";
      case SEGMENTATION -> "ade20k";
    };
  }

  /** Batches for training: {@link BatchLoader#training}. */
  <B> BatchLoader<B> train(
      RowSelection rows,
      Grouping grouping,
      SampleOrder order,
      ShardPlan plan,
      Start start,
      Background background,
      BatchMaker<B> maker) {
    if (order.stepsPerEpoch() == 0) {
      throw new InputException(
          "split \"%s\" of %s has %d samples, one batch takes %d"
              .formatted(split, dataset, order.rows(), plan.shards() * plan.samplesPerShard()),
          "use a smaller batch.size");
    }
    BatchPlan batches =
        new BatchPlan.Training(files, rows, grouping, order, plan, start.seed(), start.step());
    return new BatchLoader<>(split, background, order.stepsPerEpoch(), files, batches, maker);
  }

  /**
   * Where training begins.
   *
   * @param step global, counted over all epochs from 0
   */
  record Start(long seed, long step) {}

  /** Batches for evaluation: {@link BatchLoader#evaluation}. */
  <B> BatchLoader<B> evaluate(
      EvaluationShare share, long seed, Background background, BatchMaker<B> maker) {
    long rows = manifest.rows(split);
    long from = share.rank() * rows / share.ranks();
    long to = (share.rank() + 1) * rows / share.ranks();
    RowStream stream = new RowStream(files, SampleOrder.stored(files.groupRows(), from, to), 0);
    int batchSize = share.batchSize();
    return new BatchLoader<>(
        split,
        background,
        (to - from + batchSize - 1) / batchSize,
        files,
        new BatchPlan.Evaluation(stream, batchSize, from, seed),
        maker);
  }
}
