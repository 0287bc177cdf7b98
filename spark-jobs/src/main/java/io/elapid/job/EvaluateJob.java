package io.elapid.job;

import io.elapid.config.TaskSpec;
import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.worker.EvaluateTask;
import io.elapid.worker.PictureSizes;
import io.elapid.worker.Scoring;
import io.elapid.worker.Slots;
import io.elapid.worker.SplitScore;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Evaluates saved weights on a split, spread over all task slots; every sample counts exactly once.
 */
public final class EvaluateJob {
  private final JavaSparkContext spark;
  private final PrintStream out;

  public EvaluateJob(Session session, PrintStream out) {
    this.spark = session.spark();
    this.out = out;
  }

  /**
   * Says what {@link #run} would do, having checked what can be without doing it.
   *
   * @throws InputException where {@link #run} would throw one, or when there is no such split
   */
  public static void plan(
      Configuration hadoop,
      SavedModel model,
      Path dataset,
      String split,
      Optional<Path> results,
      PrintStream out)
      throws IOException {
    Manifest manifest = checked(hadoop, model, dataset, split, results);
    out.printf(
        "evaluate: would measure %s (%s) on %,d pictures of %s in %s%n",
        model.source(), model.meta().model(), manifest.rows(split), split, dataset);
  }

  private static Manifest checked(
      Configuration hadoop, SavedModel model, Path dataset, String split, Optional<Path> results)
      throws IOException {
    if (results.isPresent() && model.recipe().task().type() == TaskSpec.Type.CLASSIFICATION) {
      throw new InputException(
          "--results: there is no such form for classes of whole pictures",
          "use --json, which writes the numbers with the confusion matrix");
    }
    Manifest manifest = Manifest.read(hadoop, dataset);
    int classes = manifest.classes().size();
    model.requireClasses(classes, dataset);
    PictureSizes.checkEvaluation(hadoop, model.recipe(), classes, dataset, split);
    return manifest;
  }

  /**
   * Evaluates the whole split.
   *
   * @throws InputException when weights and data set do not fit together
   */
  public SplitScore run(SavedModel model, Path dataset, String split) throws IOException {
    return run(model, dataset, split, Optional.empty());
  }

  /**
   * Evaluates the whole split and keeps what was found.
   *
   * @param results folder for it in the forms that benchmarks take: COCO's lists of boxes and of
   *     masks, the scene parsing benchmark's PNG files
   * @throws InputException when weights and data set do not fit together, or whole pictures are
   *     classified and results are to be kept
   */
  public SplitScore run(SavedModel model, Path dataset, String split, Optional<Path> results)
      throws IOException {
    Manifest manifest = checked(spark.hadoopConfiguration(), model, dataset, split, results);
    int shares = (int) Math.max(1, Math.min(Slots.settled(spark.sc()), manifest.rows(split)));
    out.printf(
        "evaluate: %s on %,d pictures of %s, %d shares%n",
        model.source(), manifest.rows(split), split, shares);
    EvaluateTask task =
        new EvaluateTask(
            new SerializableConfiguration(spark.hadoopConfiguration()),
            model.source(),
            model.variant(),
            model.meta().model(),
            model.recipe().render(),
            AbsolutePaths.of(dataset, spark.hadoopConfiguration()).toString(),
            split,
            shares,
            results
                .map(folder -> AbsolutePaths.of(folder, spark.hadoopConfiguration()).toString())
                .orElse(null));
    List<Integer> numbers = IntStream.range(0, shares).boxed().toList();
    try (StageProgress progress = new StageProgress(spark, "evaluate", out)) {
      List<String> scores = spark.parallelize(numbers, shares).map(task::run).collect();
      task.publish();
      return Scoring.of(model.recipe(), manifest.classes().size()).merged(scores);
    }
  }
}
