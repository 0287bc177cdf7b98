package io.elapid.data.shard;

import io.elapid.data.Samples;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.Listing;
import io.elapid.data.source.ListingUnit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** Lists a data set, and shards it, in one piece. */
final class Listings {
  static final Configuration CONF = new Configuration();

  private Listings() {}

  /** Everything of a split, what belongs together one after the other. */
  static List<Listed> of(DataSource source, String split) throws IOException {
    List<Listed> all = new ArrayList<>();
    for (ListingUnit unit : source.units()) {
      if (unit.split().equals(split)) {
        try (Listing listing = source.list(CONF, unit)) {
          listing.forEachRemaining(all::add);
        }
      }
    }
    all.sort(Comparator.comparing(Listed::id).thenComparingLong(Listed::order));
    return all;
  }

  static ShardSummary shard(Path file, DataSource source, String split) throws IOException {
    return ShardWriter.write(
        CONF,
        Samples.hadoop(file),
        source.kind(),
        of(source, split).iterator(),
        new ShardSettings(20_000, 16, ShardSettings.Check.STRUCTURE));
  }

  static List<Sample> read(Path file) throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (ShardReader reader = ShardReader.open(CONF, Samples.hadoop(file))) {
      for (int group = 0; group < reader.rowGroupRows().size(); group++) {
        samples.addAll(reader.read(group));
      }
    }
    return samples;
  }
}
