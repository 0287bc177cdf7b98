package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.QuarantineTable;
import io.elapid.data.shard.QuarantinedSample;
import io.elapid.data.shard.SampleHash;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardWriter;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.SampleRef;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.Partitioner;
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
    JavaRDD<SampleRef> listing = listing(source, conf).persist(StorageLevel.MEMORY_AND_DISK());
    try (StageProgress progress = new StageProgress(spark, "prepare", out)) {
      List<SplitPlan> plans = plan(source, listing);
      for (SplitPlan plan : plans) {
        out.printf(
            "prepare: %s: %,d samples, %,.1f MB, %d shards%n",
            plan.split(), plan.samples(), plan.bytes() / 1e6, plan.shards());
      }
      List<WrittenShard> written = write(listing, plans, conf);
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

  private JavaRDD<SampleRef> listing(DataSource source, SerializableConfiguration conf) {
    List<ListingUnit> units = source.units();
    return spark
        .parallelize(units, Math.max(1, Math.min(units.size(), options.listingTasks())))
        .flatMap(
            unit -> {
              List<SampleRef> found = new ArrayList<>();
              source.list(conf.value(), unit, found::add);
              return found.iterator();
            });
  }

  private List<SplitPlan> plan(DataSource source, JavaRDD<SampleRef> listing) {
    Map<String, long[]> totals =
        new TreeMap<>(
            listing
                .mapToPair(ref -> new Tuple2<>(ref.split(), new long[] {1, ref.length()}))
                .reduceByKey((a, b) -> new long[] {a[0] + b[0], a[1] + b[1]})
                .collectAsMap());
    if (totals.isEmpty()) {
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

  private List<WrittenShard> write(
      JavaRDD<SampleRef> listing, List<SplitPlan> plans, SerializableConfiguration conf) {
    long seed = options.seed();
    int shards = plans.stream().mapToInt(SplitPlan::shards).sum();
    JavaPairRDD<ShardKey, SampleRef> placed =
        listing.mapToPair(
            ref -> {
              long hash = SampleHash.of(ref.id(), seed);
              return new Tuple2<>(
                  new ShardKey(SplitPlan.of(plans, ref.split()).shardOf(hash), hash, ref.id()),
                  ref);
            });
    String root = options.out().toString();
    ShardSettings settings = options.shardSettings();
    return placed
        .repartitionAndSortWithinPartitions(new ByShard(shards))
        .mapPartitionsWithIndex(
            (shard, samples) -> {
              SplitPlan plan = SplitPlan.holding(plans, shard);
              ShardSummary summary =
                  ShardWriter.write(
                      conf.value(), new Path(root, plan.file(shard)), new Refs(samples), settings);
              return List.of(new WrittenShard(plan.split(), summary)).iterator();
            },
            false)
        .collect();
  }

  private Manifest finish(
      DataSource source, PrepareOutput output, List<SplitPlan> plans, List<WrittenShard> written)
      throws IOException {
    List<QuarantinedSample> quarantined =
        written.stream().flatMap(shard -> shard.summary().quarantined().stream()).toList();
    long samples = plans.stream().mapToLong(SplitPlan::samples).sum();
    if (!quarantined.isEmpty()) {
      Path table = output.quarantine();
      QuarantineTable.write(spark.hadoopConfiguration(), table, quarantined);
      out.printf(
          "prepare: %,d of %,d files are unreadable and listed in %s%n",
          quarantined.size(), samples, table);
    }
    if (quarantined.size() > options.maxBad() * samples) {
      output.discardShards();
      QuarantinedSample example = quarantined.get(0);
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
    return output.finish(source, splits, quarantined.size(), options);
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

  /** The sorted samples of one shard without their keys. */
  private record Refs(java.util.Iterator<Tuple2<ShardKey, SampleRef>> sorted)
      implements java.util.Iterator<SampleRef> {
    @Override
    public boolean hasNext() {
      return sorted.hasNext();
    }

    @Override
    public SampleRef next() {
      return sorted.next()._2();
    }
  }
}
