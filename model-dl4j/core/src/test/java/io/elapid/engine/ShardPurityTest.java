package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.loader.Batch;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a shard contributes depends on the weights and the batch alone: not on what was computed
 * before, on what lay in memory, or on whether loops are compiled already. Equal results on any
 * number of ranks rest on that.
 */
@Tag("backend")
class ShardPurityTest {
  private static final int SIZE = 4;
  private static final int SIDE = 64;
  private static final int CLASSES = 10;
  private static final int ROUNDS = 8;

  @ParameterizedTest
  @ValueSource(strings = {"tinyvim_s", "mobilemamba_b1", "efficientvim_nano", "efficientvmamba_t"})
  void theSameShardGivesTheSameBitsEveryTime(String name) {
    TrainerSettings<Batch> settings =
        TrainerSettings.classifier(
            Models.byName(name), CLASSES, SIDE, SIZE, 5, AdamWSettings.published(), 0, 0, 1);
    Batch batch = Batches.noise(1, SIZE, SIDE, CLASSES);
    try (Trainer<Batch> trainer = new Trainer<>(settings)) {
      byte[] first = bytes(trainer.computeShard(batch));
      for (int round = 1; round <= ROUNDS; round++) {
        trainer.computeShard(Batches.noise(round + 1, SIZE, SIDE, CLASSES));
        byte[] again = bytes(trainer.computeShard(batch));
        assertThat(java.util.Arrays.mismatch(again, first)).as("round %d", round).isEqualTo(-1);
      }
      try (Trainer<Batch> other = new Trainer<>(settings)) {
        assertThat(bytes(other.computeShard(batch))).as("another trainer").isEqualTo(first);
      }
    }
  }

  private static byte[] bytes(ByteBuffer vector) {
    byte[] bytes = new byte[vector.remaining()];
    vector.duplicate().get(bytes);
    return bytes;
  }
}
