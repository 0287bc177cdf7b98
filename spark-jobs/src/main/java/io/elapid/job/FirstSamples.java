package io.elapid.job;

import io.elapid.data.shard.Sample;
import io.elapid.data.shard.ShardReader;
import io.elapid.data.shard.ShardSummary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Some samples of a split to look at: the global shuffle has made the first ones a random choice.
 */
public final class FirstSamples {
  private FirstSamples() {}

  /** The first {@code count} samples, or all if there are fewer. */
  public static List<Sample> of(
      Configuration hadoop, Path dataset, List<ShardSummary> shards, int count) throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (ShardSummary shard : shards) {
      try (ShardReader reader = ShardReader.open(hadoop, new Path(dataset, shard.file()))) {
        for (int group = 0; group < reader.rowGroupRows().size(); group++) {
          if (samples.size() >= count) {
            return samples.subList(0, count);
          }
          samples.addAll(reader.read(group));
        }
      }
    }
    return samples.subList(0, Math.min(count, samples.size()));
  }
}
