package io.elapid.cli;

import io.elapid.job.EvaluateJob;
import io.elapid.job.Session;
import io.elapid.worker.SplitScore;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Measures saved weights on a split; every picture counts exactly once.",
    footer = {
      "",
      "Examples: elapid evaluate --weights runs/m1 --data hdfs:///data/imagenet",
      "          elapid evaluate --weights runs/m1 --variant ema \\",
      "            --data hdfs:///data/imagenet --json result.json"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private WeightOptions weights;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "PATH",
      description = "a prepared data set")
  private String data;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      defaultValue = "val",
      description = "split to evaluate on (default: ${DEFAULT-VALUE})")
  private String split;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "writes the result to a local file: samples, measures by name, and what they were counted from")
  private java.nio.file.Path json;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description =
          "folder, any Hadoop path, for what was found: results.bbox.json and results.segm.json as"
              + " COCO takes them, or a PNG for each picture as the scene parsing benchmark does")
  private String results;

  @Option(
      names = "--dry-run",
      description = "checks weights and data set against each other, says what would be done")
  private boolean dryRun;

  @Override
  public Integer call() throws Exception {
    if (json != null) {
      ResultFile.check(json);
    }
    if (dryRun) {
      Configuration hadoop = new Configuration();
      return weights.use(
          hadoop,
          model -> {
            EvaluateJob.plan(hadoop, model, new Path(data), split, results(), System.out);
            return 0;
          });
    }
    try (Session session = Session.open("evaluate")) {
      EvaluateJob job = new EvaluateJob(session, System.out);
      SplitScore score =
          weights.use(session.hadoop(), model -> job.run(model, new Path(data), split, results()));
      System.out.println(summary(score));
      if (json != null) {
        ResultFile.write(json, score);
      }
    }
    return 0;
  }

  private Optional<Path> results() {
    return Optional.ofNullable(results).map(Path::new);
  }

  static String summary(SplitScore score) {
    return String.format(
        Locale.ROOT, "evaluate: %s over %,d pictures", score.summary(), score.samples());
  }
}
