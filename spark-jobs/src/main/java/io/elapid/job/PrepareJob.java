package io.elapid.job;

import io.elapid.checkpoint.Fence;
import io.elapid.data.InputException;
import io.elapid.data.shard.IssueTable;
import io.elapid.data.shard.ListingDigest;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.SampleHash;
import io.elapid.data.shard.SampleIssue;
import io.elapid.data.shard.ShardReceipts;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardWriter;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.Listing;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.SampleRef;
import io.elapid.data.target.TargetKind;
import io.elapid.worker.MemoryAdvice;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Shards a raw data set into Parquet with the encoded bytes untouched.
 *
 * <p>Only the listing travels through Spark's shuffle, a few dozen bytes a sample and its
 * annotations. A keyed hash of its id gives each sample its shard and its place there, so a shard
 * is a random sample of the data set and the output does not depend on the number of tasks. Each
 * shard is written by one task that reads its samples straight from the source; a run that died is
 * taken up again with the shards that it had finished.
 */
public final class PrepareJob {
  private final JavaSparkContext spark;
  private final PrepareOptions options;
  private final PrintStream out;

  public PrepareJob(Session session, PrepareOptions options, PrintStream out) {
    this(session.spark(), options, out);
  }

  PrepareJob(JavaSparkContext spark, PrepareOptions options, PrintStream out) {
    this.spark = spark;
    this.options = options;
    this.out = out;
  }

  /**
   * Prepares the data set, or does nothing where it is finished already.
   *
   * @return the manifest of the finished data set
   * @throws InputException when the source cannot be used, too many of its files are unreadable, or
   *     someone else writes into the output folder
   */
  public Manifest run(SourceOpener opener) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    PrepareOutput output = new PrepareOutput(hadoop, options.out());
    if (output.finished()) {
      return finishedAlready();
    }
    DataSource source = opener.open();
    output.claim();
    Manifest manifest;
    try (Tenancy tenancy = tenancy(output)) {
      // Someone else may have finished while this run waited for the folder.
      manifest =
          Manifest.exists(hadoop, options.out())
              ? finishedAlready()
              : prepare(source, output, tenancy.fence());
    }
    output.tidy();
    return manifest;
  }

  private Tenancy tenancy(PrepareOutput output) throws IOException {
    try {
      return Tenancy.claim(
          spark.hadoopConfiguration(),
          output.lease(),
          spark.sc().applicationId(),
          options.leaseTimeout(),
          line -> out.println("prepare: " + line));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private Manifest finishedAlready() throws IOException {
    Manifest manifest = Manifest.read(spark.hadoopConfiguration(), options.out());
    out.printf(
        "prepare: %s is finished already, from %s; nothing to do%n",
        options.out(), manifest.createdBy().get("source"));
    return manifest;
  }

  private Manifest prepare(DataSource source, PrepareOutput output, Fence fence)
      throws IOException {
    // Once for every executor: of a task's own it would be a good part of a small task's time.
    Broadcast<SerializableConfiguration> conf =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    JavaRDD<Listed> listing = listing(source, conf).persist(StorageLevel.MEMORY_AND_DISK_SER());
    try (StageProgress progress = new StageProgress(spark, "prepare", out)) {
      PreparePlan plan = plan(source, listing);
      Map<Integer, ShardSummary> written =
          new TreeMap<>(output.resume(plan, plan.fingerprint(source, options)));
      print(plan, written.size());
      write(source.kind(), listing, plan, written.keySet(), conf, fence)
          .forEach(shard -> written.put(shard.number(), shard.summary()));
      fence.check(spark.hadoopConfiguration());
      return finish(source, output, plan, List.copyOf(written.values()));
    } finally {
      listing.unpersist();
      conf.destroy();
    }
  }

  /** Opens the source; not called where there is nothing to do. */
  @FunctionalInterface
  public interface SourceOpener {
    DataSource open() throws IOException;
  }

  private JavaRDD<Listed> listing(DataSource source, Broadcast<SerializableConfiguration> conf) {
    List<ListingUnit> units = source.units();
    return spark
        .parallelize(units, Math.max(1, Math.min(units.size(), options.listingTasks())))
        .flatMap(
            unit ->
                MemoryAdvice.FILES.guarding(
                    () -> closedWithTask(source.list(conf.value().value(), unit))));
  }

  private static Listing closedWithTask(Listing listing) {
    TaskContext.get()
        .addTaskCompletionListener(
            context -> {
              try {
                listing.close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return listing;
  }

  private PreparePlan plan(DataSource source, JavaRDD<Listed> listing) {
    Map<String, long[]> totals =
        new TreeMap<>(
            listing
                .mapToPair(found -> new Tuple2<>(found.split(), size(found)))
                .reduceByKey((a, b) -> new long[] {a[0] + b[0], a[1] + b[1], a[2] + b[2]})
                .collectAsMap());
    List<SplitPlan> plans = new ArrayList<>();
    int first = 0;
    for (Map.Entry<String, long[]> split : totals.entrySet()) {
      long[] size = split.getValue();
      int shards = (int) Math.max(1, (size[1] + options.shardBytes() - 1) / options.shardBytes());
      plans.add(new SplitPlan(split.getKey(), size[0], size[1], size[2], first, shards));
      first += shards;
    }
    PreparePlan plan = new PreparePlan(plans);
    if (plan.samples() == 0) {
      throw new InputException(
          "%s: %s source with no pictures in it".formatted(options.in(), source.name()),
          "point IN at the folder or archives that hold the pictures");
    }
    return plan;
  }

  /** Samples, bytes and digest. */
  private static long[] size(Listed found) {
    long digest = ListingDigest.of(found);
    return found instanceof SampleRef ref
        ? new long[] {1, ref.bytes(), digest}
        : new long[] {0, 0, digest};
  }

  private void print(PreparePlan plan, int kept) {
    for (SplitPlan split : plan.splits()) {
      out.printf(
          "prepare: %s: %,d samples, %,.1f MB, %d shards%n",
          split.split(), split.samples(), split.bytes() / 1e6, split.shards());
    }
    if (kept > 0) {
      out.printf("prepare: %d of %d shards were finished by an earlier run%n", kept, plan.shards());
    }
  }

  private List<WrittenShard> write(
      TargetKind kind,
      JavaRDD<Listed> listing,
      PreparePlan plan,
      Set<Integer> kept,
      Broadcast<SerializableConfiguration> conf,
      Fence fence) {
    if (kept.size() == plan.shards()) {
      return List.of();
    }
    long seed = options.seed();
    Set<Integer> skipped = Set.copyOf(kept);
    JavaPairRDD<ShardKey, Listed> placed =
        listing
            .mapToPair(
                found -> {
                  long hash = SampleHash.of(found.id(), seed);
                  int shard = plan.of(found.split()).shardOf(hash);
                  return new Tuple2<>(new ShardKey(shard, hash, found.id(), found.order()), found);
                })
            .filter(found -> !skipped.contains(found._1().shard()));
    String root = AbsolutePaths.of(options.out(), spark.hadoopConfiguration()).toString();
    ShardSettings settings = options.shardSettings();
    return placed
        .repartitionAndSortWithinPartitions(new ByShard(plan.shards()))
        .mapPartitionsWithIndex(
            (shard, listed) -> {
              if (skipped.contains(shard)) {
                return List.<WrittenShard>of().iterator();
              }
              Path folder = new Path(root);
              Path file = new Path(folder, plan.file(shard));
              Configuration hadoop = conf.value().value();
              ShardSummary summary =
                  MemoryAdvice.FILES.guarding(
                      () ->
                          ShardWriter.write(
                              hadoop,
                              file,
                              kind,
                              new Values(listed),
                              settings,
                              () -> fence.check(hadoop)));
              ShardReceipts.write(hadoop, folder, summary);
              return List.of(new WrittenShard(shard, summary)).iterator();
            },
            false)
        .collect();
  }

  private Manifest finish(
      DataSource source, PrepareOutput output, PreparePlan plan, List<ShardSummary> written)
      throws IOException {
    List<SampleIssue> quarantined =
        written.stream().flatMap(shard -> shard.quarantined().stream()).toList();
    List<SampleIssue> remarks =
        written.stream().flatMap(shard -> shard.remarks().stream()).toList();
    if (!quarantined.isEmpty()) {
      IssueTable.write(spark.hadoopConfiguration(), output.quarantine(), quarantined);
      out.printf(
          "prepare: %,d of %,d files are unreadable and listed in %s%n",
          quarantined.size(), plan.samples(), output.quarantine());
    }
    if (!remarks.isEmpty()) {
      IssueTable.write(spark.hadoopConfiguration(), output.remarks(), remarks);
      out.printf(
          "prepare: %,d oddities that do no harm are listed in %s%n",
          remarks.size(), output.remarks());
    }
    if (quarantined.size() > options.maxBad() * plan.samples()) {
      output.discardShards();
      throw tooManyBad(output, plan, quarantined);
    }
    Map<String, List<ShardSummary>> splits = new TreeMap<>();
    for (ShardSummary shard : written) {
      if (shard.rows() > 0) {
        String split = new Path(shard.file()).getParent().getName();
        splits.computeIfAbsent(split, s -> new ArrayList<>()).add(shard);
      } else {
        output.discard(shard);
      }
    }
    Manifest manifest = output.finish(source, splits, quarantined.size(), remarks.size(), options);
    out.printf(
        "prepare: %s is ready: %,d samples in %,d shards%n",
        options.out(),
        written.stream().mapToLong(ShardSummary::rows).sum(),
        splits.values().stream().mapToInt(List::size).sum());
    return manifest;
  }

  private InputException tooManyBad(
      PrepareOutput output, PreparePlan plan, List<SampleIssue> quarantined) {
    SampleIssue example = quarantined.get(0);
    return new InputException(
        "%s: %d of %d files are unreadable, more than the allowed %.2f %%; the first: %s: %s"
            .formatted(
                options.in(),
                quarantined.size(),
                plan.samples(),
                100 * options.maxBad(),
                example.source(),
                example.reason()),
        "repair or remove the files listed in %s, or allow more with --max-bad"
            .formatted(output.quarantine()));
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

  private record WrittenShard(int number, ShardSummary summary) implements java.io.Serializable {}

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
