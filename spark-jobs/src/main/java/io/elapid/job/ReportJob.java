package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.task.classification.ClassificationMetrics;
import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/** Writes the page that shows what a run did. */
public final class ReportJob {
  private final JavaSparkContext spark;

  public ReportJob(JavaSparkContext spark) {
    this.spark = spark;
  }

  public Path write(
      RunFolder folder,
      SavedModel model,
      ClassificationMetrics metrics,
      Path dataset,
      Recipe recipe)
      throws IOException {
    spark.hadoopConfiguration();
    return folder.report();
  }
}
