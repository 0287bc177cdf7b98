package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.loader.Batch;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.BatchNormalization;
import io.elapid.op.SmoothL1Loss;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/** How often a network is compiled whose batches come in frames by turns. */
@Tag("backend")
class FramesTest {
  private static final int FRAMES = 20;

  /** Counts how often it is built to learn. */
  private static final class Counting implements Network<Batch> {
    private int built;

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public List<Figure> figures() {
      return List.of();
    }

    @Override
    public SDVariable learn(Scope scope, Ports ports) {
      built++;
      SDVariable x =
          BatchNormalization.apply(
              scope.child(0),
              ports.images(),
              3,
              new BatchNormalization.Settings(1e-5, 0.1),
              ActivationKind.IDENTITY);
      SDVariable zeros = ports.input("zeros", ports.frame().shape());
      SDVariable one = scope.graph().constant(Nd4j.scalar(scope.dataType(), 1));
      return SmoothL1Loss.apply(scope.graph(), x, zeros, zeros, one, 1);
    }

    @Override
    public void answer(Scope scope, Ports ports) {}

    @Override
    public void teach(Batch batch, Buffers inputs, Average<Batch> average) {}
  }

  @Test
  void asManyFramesAsAreAskedForAreCompiledOnce() {
    Counting network = new Counting();
    TrainerSettings<Batch> settings =
        new TrainerSettings<>(
            network,
            Frame.square(2, 8),
            1,
            AdamWSettings.published(),
            GradientClip.Limits.norm(0),
            0,
            ParameterRules.published(),
            1);
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
