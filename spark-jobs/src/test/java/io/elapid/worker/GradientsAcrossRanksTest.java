package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.collective.Collective;
import io.elapid.collective.FixedTreeAllReduce;
import io.elapid.collective.InProcess;
import io.elapid.collective.PeerSettings;
import io.elapid.collective.Peers;
import io.elapid.collective.TreeSum;
import io.elapid.data.loader.Batch;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.BatchStatistics;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One rank with the whole batch and two ranks with half of it each come to the same gradients. */
final class GradientsAcrossRanksTest {
  private static final int SHARDS = 4;
  private static final int SAMPLES = 4;
  private static final int SIDE = 64;
  private static final int CLASSES = 10;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void oneAndTwoRanksSumTheSameGradients() throws Exception {
    float[] alone =
        sum(InProcess.single(), GradientsAcrossRanksTest::sumAtOnce, BatchStatistics.SHARD);

    for (Sum way : List.<Sum>of(GradientsAcrossRanksTest::sumAtOnce, EarlySumming::sum)) {
      for (float[] rank : sums(2, way, BatchStatistics.SHARD)) {
        assertThat(relativeDistance(alone, rank)).isLessThan(1e-6);
        assertThat(rank).as("bit for bit").isEqualTo(alone);
      }
    }
  }

  @Test
  void batchNormsOfAllShardsAreThoseOfOneRankBitForBit() throws Exception {
    Sum way = GradientsAcrossRanksTest::sumTogether;
    float[] alone = sum(InProcess.single(), way, BatchStatistics.BATCH);

    for (int count : new int[] {2, 4}) {
      for (float[] rank : sums(count, way, BatchStatistics.BATCH)) {
        assertThat(rank).as("of %d ranks", count).isEqualTo(alone);
      }
    }
    assertThat(sum(InProcess.single(), way, BatchStatistics.SHARD)).isNotEqualTo(alone);
  }

  private static void sumTogether(
      ByteBuffer result, Trainer<Batch> trainer, TreeSum tree, Collective collective) {
    List<Batch> batches =
        IntStream.range(tree.first(), tree.first() + tree.count())
            .mapToObj(GradientsAcrossRanksTest::batch)
            .toList();
    NormMeeting meeting = new NormMeeting(collective, SHARDS, new PhaseClock());
    List<ByteBuffer> vectors = trainer.computeShards(batches, meeting, (kind, name, nanos) -> {});
    for (int i = 0; i < vectors.size(); i++) {
      tree.add(tree.first() + i, vectors.get(i));
    }
    collective.allReduce(tree, result);
  }

  /** How the gradients of a rank's shards come together with the others'. */
  private interface Sum {
    void into(ByteBuffer result, Trainer<Batch> trainer, TreeSum tree, Collective collective)
        throws Exception;
  }

  private static void sumAtOnce(
      ByteBuffer result, Trainer<Batch> trainer, TreeSum tree, Collective collective) {
    for (int shard = tree.first(); shard < tree.first() + tree.count(); shard++) {
      tree.add(shard, trainer.computeShard(batch(shard)));
    }
    collective.allReduce(tree, result);
  }

  /** While the last shard's backward pass is running, twice in a row. */
  private static final class EarlySumming {
    static void sum(ByteBuffer result, Trainer<Batch> trainer, TreeSum tree, Collective collective)
        throws Exception {
      try (EarlySums early = new EarlySums(collective, tree, result)) {
        for (int round = 0; round < 2; round++) {
          tree.reset();
          int last = tree.first() + tree.count() - 1;
          for (int shard = tree.first(); shard < last; shard++) {
            tree.add(shard, trainer.computeShard(batch(shard)));
          }
          early.begin(last);
          early.finish(trainer.computeShard(batch(last), early));
        }
      }
    }
  }

  private static List<float[]> sums(int count, Sum way, BatchStatistics norms) throws Exception {
    String[] lines = new String[count];
    CyclicBarrier barrier = new CyclicBarrier(count);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<float[]>> ranks = new ArrayList<>();
      for (int rank = 0; rank < count; rank++) {
        int mine = rank;
        ranks.add(
            threads.submit(
                () -> {
                  Peers peers =
                      Peers.open(
                          settings(), line -> exchange(lines, barrier, mine, line), mine, count);
                  try (Collective collective = new FixedTreeAllReduce(peers)) {
                    return sum(collective, way, norms);
                  }
                }));
      }
      List<float[]> sums = new ArrayList<>();
      for (Future<float[]> rank : ranks) {
        sums.add(rank.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
      }
      return sums;
    } finally {
      threads.shutdownNow();
    }
  }

  /** The gradients of the whole batch, this rank contributing its share of the shards. */
  private static float[] sum(Collective collective, Sum way, BatchStatistics norms)
      throws Exception {
    try (Trainer<Batch> trainer =
        new Trainer<>(
            TrainerSettings.classifier(
                    Models.byName("efficientvim_nano"),
                    CLASSES,
                    SIDE,
                    SAMPLES,
                    7,
                    AdamWSettings.published(),
                    0,
                    0,
                    1)
                .with(norms))) {
      int length = trainer.vectorLength();
      TreeSum tree = TreeSum.forRank(SHARDS, collective.rank(), collective.size(), length);
      ByteBuffer result =
          ByteBuffer.allocateDirect(length * Float.BYTES).order(ByteOrder.nativeOrder());
      way.into(result, trainer, tree, collective);
      float[] values = new float[length];
      result.asFloatBuffer().get(values);
      return values;
    }
  }

  private static Batch batch(int shard) {
    return MadeUp.batch(shard, SAMPLES, SIDE, CLASSES);
  }

  private static double relativeDistance(float[] a, float[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += Math.pow(a[i] - (double) b[i], 2);
      norm += Math.pow(a[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  private static List<String> exchange(
      String[] lines, CyclicBarrier barrier, int rank, String line) {
    lines[rank] = line;
    try {
      barrier.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return Arrays.asList(lines.clone());
  }

  private static PeerSettings settings() {
    return new PeerSettings(
        "test",
        0,
        new byte[32],
        PeerSettings.Protection.AUTHENTICATED,
        "127.0.0.1",
        PeerSettings.PortRange.EPHEMERAL,
        LIMIT,
        LIMIT,
        LIMIT);
  }
}
