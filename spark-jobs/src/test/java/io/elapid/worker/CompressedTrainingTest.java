package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.collective.Collective;
import io.elapid.collective.CompressedSum;
import io.elapid.collective.Compression;
import io.elapid.collective.HalfPrecision;
import io.elapid.collective.InProcess;
import io.elapid.collective.Threshold;
import io.elapid.collective.TopK;
import io.elapid.collective.TreeSum;
import io.elapid.data.loader.Batch;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A network learns from gradients of which only a part travels at once. */
final class CompressedTrainingTest {
  private static final int RANKS = 2;
  private static final int STEPS = 40;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  static Stream<Compression> compressions() {
    return Stream.of(new HalfPrecision(), new TopK(0.05), new Threshold(2e-3f));
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void twoRanksLearnTheirBatchesAndStayAlike(Compression compression) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(RANKS);
    try {
      List<Future<double[]>> ranks = new ArrayList<>();
      for (Collective member : InProcess.group(RANKS, LIMIT)) {
        ranks.add(threads.submit(() -> losses(member, compression)));
      }
      double[] losses = ranks.get(0).get(LIMIT.toSeconds(), TimeUnit.SECONDS);

      assertThat(ranks.get(1).get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(losses);
      assertThat(losses[STEPS - 1]).isLessThan(0.6 * losses[0]);
    } finally {
      threads.shutdownNow();
    }
  }

  private static double[] losses(Collective collective, Compression compression) {
    try (collective;
        Trainer<Batch> trainer = trainer()) {
      int length = trainer.vectorLength();
      int gradients = trainer.gradientLength();
      CompressedSum compressed = new CompressedSum(collective, compression, gradients);
      TreeSum rest = new TreeSum(RANKS, collective.rank(), 1, length);
      ByteBuffer sum =
          ByteBuffer.allocateDirect(length * Float.BYTES).order(ByteOrder.nativeOrder());
      Batch batch = MadeUp.batch(collective.rank(), 4, 64, 10);
      double[] losses = new double[STEPS];
      for (int step = 0; step < STEPS; step++) {
        ByteBuffer mine = trainer.computeShard(batch);
        compressed.sum(mine, sum);
        rest.reset();
        rest.add(collective.rank(), mine, gradients, length);
        collective.allReduce(rest, gradients, length, sum);
        losses[step] = trainer.apply(sum, RANKS, 2e-3).loss();
      }
      return losses;
    }
  }

  private static Trainer<Batch> trainer() {
    return new Trainer<>(
        TrainerSettings.classifier(
            Models.byName("efficientvim_nano"), 10, 64, 4, 7, AdamWSettings.published(), 0, 0, 1));
  }
}
