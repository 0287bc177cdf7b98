package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.data.shard.IssueTable;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.SampleHash;
import io.elapid.data.shard.SampleIssue;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardWriter;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.Listing;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.SampleRef;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Shards a raw data set into Parquet with the encoded bytes untouched.
 *
 * <p>Only the listing travels through Spark's shuffle, a few dozen bytes a sample. A keyed hash of
 * its id gives each sample its shard and its place there, so a shard is a random sample of the data
 * set and the output does not depend on the number of tasks. Each shard is written by one task that
 * reads its samples straight from the source.
 */
public final class PrepareJob {
  private final JavaSparkContext spark;
  private final PrepareOptions options;
  private final PrintStream out;

  public PrepareJob(Session session, PrepareOptions options, PrintStream out) {
    this.spark = session.spark();
    this.options = options;
    this.out = out;
  }

  /**
   * Prepares the data set, or does nothing where it is finished already.
   *
   * @return the manifest of the finished data set
   * @throws InputException when the source cannot be used or too many of its files are unreadable
   */
  public Manifest run(SourceOpener opener) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    PrepareOutput output = new PrepareOutput(hadoop, options.out());
    if (output.finished()) {
      out.printf("prepare: %s is finished already; nothing to do%n", options.out());
      return Manifest.read(hadoop, options.out());
    }
    DataSource source = opener.open();
    output.begin();
    SerializableConfiguration conf = new SerializableConfiguration(hadoop);
    JavaRDD<Listed> listing = listing(source, conf).persist(StorageLevel.MEMORY_AND_DISK_SER());
    try (StageProgress progress = new StageProgress(spark, "prepare", out)) {
      List<SplitPlan> plans = plan(source, listing);
      for (SplitPlan plan : plans) {
        out.printf(
            "prepare: %s: %,d samples, %,.1f MB, %d shards%n",
            plan.split(), plan.samples(), plan.bytes() / 1e6, plan.shards());
      }
      List<WrittenShard> written = write(source.kind(), listing, plans, conf);
      return finish(source, output, plans, written);
    } finally {
      listing.unpersist();
    }
  }

  /** Opens the source; not called where there is nothing to do. */
  @FunctionalInterface
  public interface SourceOpener {
    DataSource open() throws IOException;
  }

  private JavaRDD<Listed> listing(DataSource source, SerializableConfiguration conf) {
    List<ListingUnit> units = source.units();
    return spark
        .parallelize(units, Math.max(1, Math.min(units.size(), options.listingTasks())))
        .flatMap(
            unit -> {
              Listing found = source.list(conf.value(), unit);
              TaskContext.get()
                  .addTaskCompletionListener(
                      context -> {
                        try {
                          found.close();
                        } catch (IOException e) {
                          throw new UncheckedIOException(e);
                        }
                      });
              return found;
            });
  }

  private List<SplitPlan> plan(DataSource source, JavaRDD<Listed> listing) {
    Map<String, long[]> totals =
        new TreeMap<>(
            listing
                .mapToPair(found -> new Tuple2<>(found.split(), size(found)))
                .reduceByKey((a, b) -> new long[] {a[0] + b[0], a[1] + b[1]})
                .collectAsMap());
    if (totals.values().stream().allMatch(total -> total[0] == 0)) {
      throw new InputException(
          "%s: %s source with no pictures in it".formatted(options.in(), source.name()),
          "point IN at the folder or archives that hold the pictures");
    }
    List<SplitPlan> plans = new ArrayList<>();
    int first = 0;
    for (Map.Entry<String, long[]> split : totals.entrySet()) {
      long bytes = split.getValue()[1];
      int shards = (int) Math.max(1, (bytes + options.shardBytes() - 1) / options.shardBytes());
      plans.add(new SplitPlan(split.getKey(), split.getValue()[0], bytes, first, shards));
      first += shards;
    }
    return plans;
  }

  /** Samples and bytes. */
  private static long[] size(Listed found) {
    return found instanceof SampleRef ref ? new long[] {1, ref.bytes()} : new long[] {0, 0};
  }

  private List<WrittenShard> write(
      TargetKind kind,
      JavaRDD<Listed> listing,
      List<SplitPlan> plans,
      SerializableConfiguration conf) {
    long seed = options.seed();
    int shards = plans.stream().mapToInt(SplitPlan::shards).sum();
    JavaPairRDD<ShardKey, Listed> placed =
        listing.mapToPair(
            found -> {
              long hash = SampleHash.of(found.id(), seed);
              int shard = SplitPlan.of(plans, found.split()).shardOf(hash);
              return new Tuple2<>(new ShardKey(shard, hash, found.id(), found.order()), found);
            });
    String root = options.out().toString();
    ShardSettings settings = options.shardSettings();
    return placed
        .repartitionAndSortWithinPartitions(new ByShard(shards))
        .mapPartitionsWithIndex(
            (shard, listed) -> {
              SplitPlan plan = SplitPlan.holding(plans, shard);
              ShardSummary summary =
                  ShardWriter.write(
                      conf.value(),
                      new Path(root, plan.file(shard)),
                      kind,
                      new Values(listed),
                      settings);
              return List.of(new WrittenShard(plan.split(), summary)).iterator();
            },
            false)
        .collect();
  }

  private Manifest finish(
      DataSource source, PrepareOutput output, List<SplitPlan> plans, List<WrittenShard> written)
      throws IOException {
    List<SampleIssue> quarantined =
        written.stream().flatMap(shard -> shard.summary().quarantined().stream()).toList();
    List<SampleIssue> remarks =
        written.stream().flatMap(shard -> shard.summary().remarks().stream()).toList();
    long samples = plans.stream().mapToLong(SplitPlan::samples).sum();
    if (!quarantined.isEmpty()) {
      Path table = output.quarantine();
      IssueTable.write(spark.hadoopConfiguration(), table, quarantined);
      out.printf(
          "prepare: %,d of %,d files are unreadable and listed in %s%n",
          quarantined.size(), samples, table);
    }
    if (!remarks.isEmpty()) {
      IssueTable.write(spark.hadoopConfiguration(), output.remarks(), remarks);
      out.printf(
          "prepare: %,d oddities that do no harm are listed in %s%n",
          remarks.size(), output.remarks());
    }
    if (quarantined.size() > options.maxBad() * samples) {
      output.discardShards();
      SampleIssue example = quarantined.get(0);
      throw new InputException(
          "%s: %d of %d files are unreadable, more than the allowed %.2f %%; the first: %s: %s"
              .formatted(
                  options.in(),
                  quarantined.size(),
                  samples,
                  100 * options.maxBad(),
                  example.source(),
                  example.reason()),
          "repair or remove the files listed in %s, or allow more with --max-bad"
              .formatted(output.quarantine()));
    }
    Map<String, List<ShardSummary>> splits = new TreeMap<>();
    written.stream()
        .filter(shard -> shard.summary().rows() > 0)
        .sorted(Comparator.comparing(shard -> shard.summary().file()))
        .forEach(
            shard ->
                splits.computeIfAbsent(shard.split(), s -> new ArrayList<>()).add(shard.summary()));
    return output.finish(source, splits, quarantined.size(), remarks.size(), options);
  }

  /** Shards are partitions: the key says which. */
  private static final class ByShard extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int shards;

    ByShard(int shards) {
      this.shards = shards;
    }

    @Override
    public int numPartitions() {
      return shards;
    }

    @Override
    public int getPartition(Object key) {
      return ((ShardKey) key).shard();
    }
  }

  private record WrittenShard(String split, ShardSummary summary) implements java.io.Serializable {}

  /** What was listed for one shard, sorted, without the keys. */
  private record Values(Iterator<Tuple2<ShardKey, Listed>> sorted) implements Iterator<Listed> {
    @Override
    public boolean hasNext() {
      return sorted.hasNext();
    }

    @Override
    public Listed next() {
      return sorted.next()._2();
    }
  }
}
