package io.elapid.data;

import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.SampleHash;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardWriter;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.Listing;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.SampleRef;
import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** Prepares small data sets on one machine, as the job does on many. */
public final class Prepared {
  private static final Configuration CONF = new Configuration();

  private Prepared() {}

  /** The sample ImageNet in shards with row groups of so many rows. */
  public static Manifest samples(Path root, int shards, int rowGroupRows) throws IOException {
    ImageNetSource source = ImageNetSource.open(CONF, Samples.hadoop(Samples.FOLDERS));
    Map<String, List<SampleRef>> refs = new TreeMap<>();
    for (ListingUnit unit : source.units()) {
      refs.computeIfAbsent(unit.split(), s -> new ArrayList<>()).addAll(pictures(source, unit));
    }
    return write(root, refs, source.classes(), shards, rowGroupRows);
  }

  /** Everything that a source lists, in shards with row groups of so many rows. */
  public static Manifest of(DataSource source, Path root, int shards, int rowGroupRows)
      throws IOException {
    Map<String, List<Listed>> all = new TreeMap<>();
    for (ListingUnit unit : source.units()) {
      try (Listing listing = source.list(CONF, unit)) {
        listing.forEachRemaining(
            listed -> all.computeIfAbsent(listed.split(), s -> new ArrayList<>()).add(listed));
      }
    }
    return write(root, source.kind(), all, source.classes(), shards, rowGroupRows);
  }

  /** The samples of a unit that lists nothing else. */
  public static List<SampleRef> pictures(DataSource source, ListingUnit unit) throws IOException {
    List<SampleRef> refs = new ArrayList<>();
    try (Listing listing = source.list(CONF, unit)) {
      while (listing.hasNext()) {
        refs.add((SampleRef) listing.next());
      }
    }
    return refs;
  }

  /** Any samples. */
  public static Manifest write(
      Path root,
      Map<String, List<SampleRef>> refs,
      List<ClassLabel> classes,
      int shards,
      int rowGroupRows)
      throws IOException {
    return write(root, TargetKind.CLASSIFICATION, refs, classes, shards, rowGroupRows);
  }

  private static Manifest write(
      Path root,
      TargetKind kind,
      Map<String, ? extends List<? extends Listed>> refs,
      List<ClassLabel> classes,
      int shards,
      int rowGroupRows)
      throws IOException {
    org.apache.hadoop.fs.Path out = Samples.hadoop(root);
    ShardSettings settings =
        new ShardSettings(1 << 20, rowGroupRows, ShardSettings.Check.STRUCTURE);
    Map<String, List<ShardSummary>> splits = new TreeMap<>();
    long quarantined = 0;
    for (Map.Entry<String, ? extends List<? extends Listed>> split : refs.entrySet()) {
      List<ShardSummary> summaries = new ArrayList<>();
      for (int shard = 0; shard < shards; shard++) {
        String name = split.getKey() + "/" + ShardSummary.fileName(shard, shards);
        ShardSummary summary =
            ShardWriter.write(
                CONF,
                new org.apache.hadoop.fs.Path(out, name),
                kind,
                ofShard(split.getValue(), shard, shards).iterator(),
                settings);
        quarantined += summary.quarantined().size();
        summaries.add(summary);
      }
      splits.put(split.getKey(), summaries);
    }
    Manifest manifest =
        new Manifest(
            Manifest.SCHEMA_VERSION,
            "imagenet",
            kind,
            classes,
            splits,
            quarantined,
            0,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225),
            Map.of("seed", "1"));
    manifest.write(CONF, out);
    return manifest;
  }

  private static List<? extends Listed> ofShard(
      List<? extends Listed> refs, int shard, int shards) {
    return refs.stream()
        .filter(ref -> SampleHash.shard(SampleHash.of(ref.id(), 1), shards) == shard)
        .sorted(
            Comparator.comparing((Listed ref) -> SampleHash.of(ref.id(), 1), Long::compareUnsigned)
                .thenComparingLong(Listed::order))
        .toList();
  }
}
