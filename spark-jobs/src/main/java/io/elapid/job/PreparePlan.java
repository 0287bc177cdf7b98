package io.elapid.job;

import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.DataSource;
import java.io.Serializable;
import java.util.List;

/**
 * Which shards a prepare run writes.
 *
 * @param splits in order of their names
 */
record PreparePlan(List<SplitPlan> splits) implements Serializable {
  /** Goes up when the same listing would give other files. */
  private static final int FORMAT = 1;

  PreparePlan {
    splits = List.copyOf(splits);
  }

  SplitPlan of(String split) {
    return splits.stream().filter(plan -> plan.split().equals(split)).findFirst().orElseThrow();
  }

  SplitPlan holding(int shard) {
    return splits.stream()
        .filter(plan -> shard >= plan.first() && shard < plan.first() + plan.shards())
        .findFirst()
        .orElseThrow();
  }

  /** The file of a shard, relative to the data set. */
  String file(int shard) {
    return holding(shard).file(shard);
  }

  int shards() {
    return splits.stream().mapToInt(SplitPlan::shards).sum();
  }

  long samples() {
    return splits.stream().mapToLong(SplitPlan::samples).sum();
  }

  /** All that the shards depend on: runs with the same text write the same files. */
  String fingerprint(DataSource source, PrepareOptions options) {
    ShardSettings shards = options.shardSettings();
    StringBuilder text = new StringBuilder();
    text.append("format %d of %s, seed %d%n".formatted(FORMAT, source.name(), options.seed()));
    text.append(
        "row groups of %d bytes, %d rows, check %s%n"
            .formatted(shards.rowGroupBytes(), shards.rowGroupRows(), shards.check()));
    source
        .classes()
        .forEach(label -> text.append("class %s %s%n".formatted(label.id(), label.name())));
    for (SplitPlan split : splits) {
      text.append(
          "%s: %d samples, %d bytes, digest %016x, %d shards%n"
              .formatted(
                  split.split(), split.samples(), split.bytes(), split.digest(), split.shards()));
    }
    return text.toString();
  }
}
