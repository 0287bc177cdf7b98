package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardVerifier;
import io.elapid.data.target.TargetKind;
import io.elapid.worker.MemoryAdvice;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** Checks a prepared data set against its manifest, byte by byte and picture by picture. */
public final class VerifyJob {
  private static final int SHOWN = 20;

  private final JavaSparkContext spark;
  private final PrintStream out;

  public VerifyJob(Session session, PrintStream out) {
    this(session.spark(), out);
  }

  VerifyJob(JavaSparkContext spark, PrintStream out) {
    this.spark = spark;
    this.out = out;
  }

  /**
   * Prints what was found.
   *
   * @throws InputException if anything is wrong; its message names the first file
   */
  public void run(Path dataset) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    Manifest manifest = Manifest.read(hadoop, dataset);
    List<ShardSummary> shards = manifest.splits().values().stream().flatMap(List::stream).toList();
    List<String> problems = new ArrayList<>(strays(hadoop, dataset, manifest));
    long count = problems.size();
    long rows = 0;
    long pixels = 0;
    try (StageProgress progress = new StageProgress(spark, "verify", out)) {
      for (ShardVerifier.Report report : verify(dataset, manifest, shards)) {
        rows += report.rows();
        pixels += report.pixels();
        count += report.count();
        report.problems().forEach(problem -> problems.add(report.file() + ": " + problem));
      }
    }
    problems.stream().limit(SHOWN).forEach(problem -> out.println("verify: " + problem));
    long bytes = shards.stream().mapToLong(ShardSummary::bytes).sum();
    out.printf(
        Locale.ROOT,
        "verify: %s: %,d samples in %,d shards, %,.1f MB, %,.1f megapixels decoded, %,d problems%n",
        dataset,
        rows,
        shards.size(),
        bytes / 1e6,
        pixels / 1e6,
        count);
    if (count > 0) {
      throw new InputException(
          "%s is damaged: %,d problems, the first: %s".formatted(dataset, count, problems.get(0)),
          "restore the files named above, or prepare the data set again into an empty folder");
    }
  }

  private List<ShardVerifier.Report> verify(
      Path dataset, Manifest manifest, List<ShardSummary> shards) {
    if (shards.isEmpty()) {
      return List.of();
    }
    SerializableConfiguration conf = new SerializableConfiguration(spark.hadoopConfiguration());
    String root = AbsolutePaths.of(dataset, spark.hadoopConfiguration()).toString();
    TargetKind kind = manifest.kind();
    int classes = manifest.classes().size();
    return spark
        .parallelize(shards, shards.size())
        .map(
            shard ->
                MemoryAdvice.FILES.guarding(
                    () -> ShardVerifier.verify(conf.value(), new Path(root), shard, kind, classes)))
        .collect();
  }

  /** Spark reads whatever lies in a split's folder; so a file too many is as bad as a lost one. */
  private static List<String> strays(Configuration hadoop, Path dataset, Manifest manifest)
      throws IOException {
    List<String> strays = new ArrayList<>();
    for (String split : manifest.splits().keySet()) {
      TreeSet<String> found = new TreeSet<>();
      Path folder = new Path(dataset, split);
      try {
        for (FileStatus file : folder.getFileSystem(hadoop).listStatus(folder)) {
          String name = file.getPath().getName();
          if (!name.startsWith("_") && !name.startsWith(".")) {
            found.add(split + "/" + name);
          }
        }
      } catch (FileNotFoundException e) {
        continue;
      }
      manifest.shards(split).forEach(shard -> found.remove(shard.file()));
      found.forEach(name -> strays.add(name + ": is not in the manifest"));
    }
    return strays;
  }
}
