package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.SplitMix;
import io.elapid.data.augment.BatchMix;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.RandAugment;
import io.elapid.data.augment.RandomErasing;
import io.elapid.data.augment.RandomResizedCrop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published augmentation in full: what a rank sees depends on seed, epoch and position only.
 */
class LoaderDeterminismTest {
  private static final Configuration CONF = new Configuration();
  private static final int SIZE = 24;
  private static final int SHARDS = 4;
  private static final int PER_SHARD = 3;
  private static final int EPOCHS = 3;

  @TempDir static Path temp;

  /** All there is to a batch: ids, seeds of augmentation, every pixel and target. */
  private record Seen(List<String> ids, List<Long> seeds, int images, int targets) {}

  @BeforeAll
  static void prepare() throws IOException {
    Prepared.samples(temp, 3, 7);
  }

  @Test
  void sameBatchesForAnyNumberOfRanksAndThreads() throws Exception {
    for (int repeats : new int[] {1, 3}) {
      Map<Long, Seen> reference = epochs(1, 1, repeats);
      assertThat(reference).hasSize(EPOCHS * 7 * SHARDS);
      for (int ranks = 2; ranks <= 4; ranks++) {
        assertThat(epochs(ranks, ranks == 3 ? 4 : 1, repeats)).isEqualTo(reference);
      }
      assertThat(epochs(1, 4, repeats)).isEqualTo(reference);
    }
  }

  @Test
  void goesOnFromAnyPositionWithTheSameBatches() throws Exception {
    Map<Integer, Map<Long, Seen>> references = Map.of(1, epochs(1, 2, 1), 3, epochs(1, 2, 3));
    SplitMix random = new SplitMix(9);
    for (int i = 0; i < 20; i++) {
      int repeats = i % 4 == 0 ? 3 : 1;
      Map<Long, Seen> reference = references.get(repeats);
      long start = random.nextInt(EPOCHS * 7 - 1);
      Map<Long, Seen> resumed = new HashMap<>();
      read(ShardPlan.of(SHARDS, 0, 1, PER_SHARD), 2, repeats, start, start + 2, resumed);
      resumed.forEach((position, seen) -> assertThat(seen).isEqualTo(reference.get(position)));
      assertThat(resumed).hasSize(2 * SHARDS);
    }
  }

  @Test
  void anEpochShowsEverySampleOnceOrAsOftenAsItShallBeRepeated() throws Exception {
    for (int repeats : new int[] {1, 3}) {
      Map<Long, Seen> all = epochs(1, 2, repeats);
      for (long epoch = 0; epoch < EPOCHS; epoch++) {
        Map<String, Integer> times = new HashMap<>();
        List<Long> seeds = new ArrayList<>();
        for (long position = epoch * 7 * SHARDS; position < (epoch + 1) * 7 * SHARDS; position++) {
          all.get(position).ids().forEach(id -> times.merge(id, 1, Integer::sum));
          seeds.addAll(all.get(position).seeds());
        }
        assertThat(times.values()).allMatch(count -> count == repeats);
        assertThat(times).hasSize(7 * SHARDS * PER_SHARD / repeats);
        // Repeated or not, each time is augmented anew.
        assertThat(seeds).doesNotHaveDuplicates();
      }
    }
  }

  /** By number of virtual shard, counted over all steps. */
  private static Map<Long, Seen> epochs(int ranks, int threads, int repeats) throws Exception {
    Map<Long, Seen> seen = new HashMap<>();
    for (int rank = 0; rank < ranks; rank++) {
      ShardPlan plan = ShardPlan.of(SHARDS, rank, ranks, PER_SHARD);
      read(plan, threads, repeats, 0, EPOCHS * 7L, seen);
    }
    return seen;
  }

  private static void read(
      ShardPlan plan, int threads, int repeats, long from, long to, Map<Long, Seen> seen)
      throws Exception {
    try (BatchLoader loader =
        BatchLoader.training(
            CONF, Samples.hadoop(temp), "train", settings(threads, repeats), plan, from)) {
      assertThat(loader.stepsPerEpoch()).isEqualTo(7);
      for (long step = from; step < to; step++) {
        for (int shard = plan.first(); shard < plan.first() + plan.count(); shard++) {
          Batch batch = loader.next();
          Seen one =
              new Seen(
                  batch.ids(),
                  java.util.Arrays.stream(batch.seeds()).boxed().toList(),
                  batch.images().hashCode(),
                  batch.targets().hashCode());
          assertThat(seen.put(step * SHARDS + shard, one)).isNull();
          loader.recycle(batch);
        }
      }
    }
  }

  private static LoaderSettings settings(int threads, int repeats) {
    return new LoaderSettings(
        List.of(
            RandomResizedCrop.of(SIZE, Interpolation.RANDOM),
            new HorizontalFlip(0.5),
            new RandAugment(2, 9, 0.5, RandAugment.Tables.INCREASING, Interpolation.BICUBIC)),
        Normalization.imageNet(),
        Optional.of(RandomErasing.of(0.25)),
        Optional.of(new BatchMix(0.8, 1, 1, 0.5)),
        repeats,
        SIZE,
        6,
        0.1,
        42,
        threads,
        3,
        Duration.ofSeconds(30),
        0);
  }
}
