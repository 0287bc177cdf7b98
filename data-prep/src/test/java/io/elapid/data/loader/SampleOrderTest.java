package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleOrderTest {
  private static final int[] GROUPS = groups(41);

  /** Row groups of 5 to 60 rows. */
  private static int[] groups(int count) {
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = 5 + (i * 37) % 56;
    }
    return rows;
  }

  @Test
  void shardsShareOutAnEpochWithoutOverlap() {
    for (int shards : new int[] {1, 2, 3, 8, 40}) {
      SampleOrder order = new SampleOrder(GROUPS, shards, 4, 9);
      Set<Long> seen = new HashSet<>();
      for (int shard = 0; shard < shards; shard++) {
        long[] sequence = order.sequence(3, shard);
        assertThat(sequence.length).isEqualTo((int) order.stepsPerEpoch() * 4);
        for (long address : sequence) {
          assertThat(seen.add(address)).as("a sample comes once").isTrue();
          assertThat(SampleOrder.row(address)).isBetween(0, GROUPS[SampleOrder.group(address)] - 1);
        }
      }
      // What is dropped is less than one global batch and one row per shard.
      assertThat(order.rows() - seen.size()).isLessThan(shards * 4L + shards);
    }
  }

  @Test
  void isAFunctionOfSeedAndEpochAlone() {
    long[] sequence = new SampleOrder(GROUPS, 4, 2, 7).sequence(5, 2);
    assertThat(new SampleOrder(GROUPS, 4, 2, 7).sequence(5, 2)).isEqualTo(sequence);
    assertThat(new SampleOrder(GROUPS, 4, 2, 7).sequence(6, 2)).isNotEqualTo(sequence);
    assertThat(new SampleOrder(GROUPS, 4, 2, 8).sequence(5, 2)).isNotEqualTo(sequence);
  }

  @Test
  void holdsNoMoreRowsThanItsWindow() {
    SampleOrder order = new SampleOrder(GROUPS, 2, 1, 1);
    long[] sequence = order.sequence(0, 0);
    Map<Integer, Integer> left = new HashMap<>();
    for (long address : sequence) {
      left.merge(SampleOrder.group(address), 1, Integer::sum);
    }
    Map<Integer, Integer> open = new HashMap<>();
    int most = 0;
    for (long address : sequence) {
      int group = SampleOrder.group(address);
      open.computeIfAbsent(group, left::get);
      most = Math.max(most, open.values().stream().mapToInt(i -> i).sum());
      open.computeIfPresent(group, (g, rows) -> rows == 1 ? null : rows - 1);
    }
    assertThat(most).isLessThanOrEqualTo(order.windowRows());
    assertThat(order.windowRows()).isEqualTo(8 * Arrays.stream(GROUPS).max().orElseThrow());
  }

  @Test
  void mixesRowsOfManyGroups() {
    int[] equal = new int[64];
    Arrays.fill(equal, 50);
    long[] sequence = new SampleOrder(equal, 1, 50, 4).sequence(0, 0);
    for (int step = 0; step + 50 <= sequence.length; step += 50) {
      Set<Integer> groups = new HashSet<>();
      for (int i = step; i < step + 50; i++) {
        groups.add(SampleOrder.group(sequence[i]));
      }
      assertThat(groups).hasSizeGreaterThan(4);
    }
  }

  @Test
  void everyEpochDropsAnotherRemainder() {
    assertThat(timesShown(new SampleOrder(new int[] {5, 5, 5, 5}, 2, 8, 1), 2, 20)).hasSize(20);
  }

  @Test
  void noRowOfASingleGroupLiesBetweenTheShards() {
    assertThat(timesShown(new SampleOrder(new int[] {127}, 16, 1, 1), 16, 30)).hasSize(127);
  }

  @Test
  void ofASingleGroupAShardShowsOtherRowsInEveryEpoch() {
    SampleOrder order = new SampleOrder(new int[] {128}, 16, 4, 1);
    Set<Long> seen = new HashSet<>();
    for (int epoch = 0; epoch < 60; epoch++) {
      Arrays.stream(order.sequence(epoch, 5)).forEach(seen::add);
    }
    // 8 of them in an epoch, all but some 2 % in 60
    assertThat(seen).hasSizeGreaterThan(115);
  }

  /** A row is shown thrice in a third of the epochs, wherever it stands in its group. */
  @Test
  void repeatsShowAllRowsAboutEquallyOften() {
    int[] equal = new int[40];
    Arrays.fill(equal, 100);
    int epochs = 200;
    Map<Long, Integer> shown = timesShown(new SampleOrder(equal, 32, 4, 6, 3), 32, epochs);
    double deviation = Math.sqrt(epochs * 9 * (1.0 / 3) * (2.0 / 3));
    assertThat(shown).hasSize(4000);
    assertThat(shown.values())
        .allSatisfy(times -> assertThat((double) times).isCloseTo(epochs, within(5 * deviation)));
  }

  @Test
  void viewsOfARowGoToShardsSideBySideInTheSameStep() {
    int shards = 8;
    SampleOrder order = new SampleOrder(GROUPS, shards, 4, 6, 3);
    for (int epoch = 0; epoch < 3; epoch++) {
      long[] first = order.sequence(epoch, 0);
      assertThat(first).doesNotHaveDuplicates();
      assertThat(order.sequence(epoch, 1)).isEqualTo(first);
      assertThat(order.sequence(epoch, 2)).isEqualTo(first);
      assertThat(order.sequence(epoch, 3)).doesNotContain(first);
      // the seventh and the eighth are left over
      long[] alone = order.sequence(epoch, 7);
      for (int i = 0; i < alone.length; i++) {
        assertThat(alone[i]).isEqualTo(alone[i - i % 3]);
      }
      assertThat(order.sequence(epoch, 6)).doesNotContain(alone);
    }
  }

  private static Map<Long, Integer> timesShown(SampleOrder order, int shards, int epochs) {
    Map<Long, Integer> shown = new HashMap<>();
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int shard = 0; shard < shards; shard++) {
        for (long address : order.sequence(epoch, shard)) {
          shown.merge(address, 1, Integer::sum);
        }
      }
    }
    return shown;
  }

  @Test
  void aDataSetSmallerThanABatchHasNoSteps() {
    assertThat(new SampleOrder(new int[] {5}, 2, 3, 1).stepsPerEpoch()).isZero();
    assertThat(new SampleOrder(new int[0], 2, 3, 1).stepsPerEpoch()).isZero();
  }

  @Test
  void storedOrderIsCutAnywhere() {
    int[] rows = {2, 0, 3};
    assertThat(SampleOrder.stored(rows, 1, 4))
        .containsExactly(
            SampleOrder.address(0, 1), SampleOrder.address(2, 0), SampleOrder.address(2, 1));
    assertThat(SampleOrder.stored(rows, 2, 2)).isEmpty();
  }

  /**
   * The published sampler deals a stream out to replicas one by one; put together again, it shows
   * what one shard shows, but for what fills the last global batch.
   */
  @Test
  void repeatsSamplesAsThePublishedSamplerDoes() {
    for (JsonNode file : Golden.family("recipe")) {
      JsonNode golden = file.get("repeated_augmentation");
      int replicas = golden.get("replicas").asInt();
      int perReplica = golden.get("selected_per_rank").asInt();
      List<Integer> shuffled = new ArrayList<>();
      golden.get("shuffled").forEach(index -> shuffled.add(index.asInt()));
      int[] groups = {golden.get("dataset_len").asInt()};
      long[] once = new SampleOrder(groups, 1, replicas, 5).sequence(2, 0);
      long[] repeated = new SampleOrder(groups, 1, replicas, 5, 3).sequence(2, 0);
      assertThat(repeated).hasSize(replicas * perReplica);
      for (int i = 0; i < repeated.length; i++) {
        int published = golden.get("per_rank").get(i % replicas).get(i / replicas).asInt();
        assertThat(repeated[i]).as("position %d", i).isEqualTo(once[shuffled.indexOf(published)]);
      }
    }
  }
}
