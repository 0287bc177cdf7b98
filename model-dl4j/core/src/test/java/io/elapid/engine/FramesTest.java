package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.loader.Batch;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.BatchNormalization;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;

/** How often a network is compiled whose batches come in frames by turns. */
@Tag("backend")
class FramesTest {
  private static final int FRAMES = 20;

  /** Counts how often it is built to learn. */
  private static final class Counting extends ZeroNetwork {
    private int built;

    @Override
    SDVariable map(Scope scope, SDVariable images) {
      built++;
      return BatchNormalization.apply(
          scope.child(0),
          images,
          3,
          new BatchNormalization.Settings(1e-5, 0.1),
          ActivationKind.IDENTITY);
    }
  }

  @Test
  void asManyFramesAsAreAskedForAreCompiledOnce() {
    Counting network = new Counting();
    TrainerSettings<Batch> settings = network.settings(Frame.square(2, 8));
    try (Trainer<Batch> trainer = new Trainer<>(settings.withFrames(FRAMES))) {
      int before = network.built;
      for (int turn = 0; turn < 2; turn++) {
        // the largest first: all programs go when their common memory has to grow
        for (int frame = FRAMES; frame > 0; frame--) {
          trainer.computeShard(Batches.noise(1, 2, 8 + frame, 2));
        }
      }

      assertThat(network.built - before).isEqualTo(FRAMES);
    }
  }
}
