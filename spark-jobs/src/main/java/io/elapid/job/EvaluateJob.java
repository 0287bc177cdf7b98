package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.worker.EvaluateTask;
import io.elapid.worker.Scoring;
import io.elapid.worker.Slots;
import io.elapid.worker.SplitScore;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.IntStream;
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
   * Evaluates the whole split.
   *
   * @throws InputException when weights and data set do not fit together
   */
  public SplitScore run(SavedModel model, Path dataset, String split) throws IOException {
    Manifest manifest = Manifest.read(spark.hadoopConfiguration(), dataset);
    model.requireClasses(manifest.classes().size(), dataset);
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
            shares);
    List<Integer> numbers = IntStream.range(0, shares).boxed().toList();
    try (StageProgress progress = new StageProgress(spark, "evaluate", out)) {
      List<String> scores = spark.parallelize(numbers, shares).map(task::run).collect();
      return Scoring.of(model.recipe(), manifest.classes().size()).merged(scores);
    }
  }
}
