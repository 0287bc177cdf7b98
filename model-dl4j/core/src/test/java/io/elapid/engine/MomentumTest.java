package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.Batch;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.BatchNormalization;
import io.elapid.nn.BatchNormalization.Settings;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;

/** Batch norms of one network whose running statistics move at paces of their own. */
@Tag("backend")
class MomentumTest {
  private static final int CHANNELS = 3;
  private static final double LARGE_EPSILON = 8;

  /** Three batch norms one after the other. */
  private static final class Normed extends ZeroNetwork {
    private static final List<Settings> NORMS =
        List.of(
            new Settings(1e-5, 0.1), new Settings(LARGE_EPSILON, 0.25), new Settings(1e-5, 0.1));

    @Override
    SDVariable map(Scope scope, SDVariable images) {
      SDVariable x = images;
      for (int i = 0; i < NORMS.size(); i++) {
        x =
            BatchNormalization.apply(
                scope.child(i), x, CHANNELS, NORMS.get(i), ActivationKind.IDENTITY);
      }
      return x;
    }
  }

  @Test
  void eachStatisticMovesByItsOwnMomentum() {
    try (Trainer<Batch> trainer = new Trainer<>(new Normed().settings(Frame.square(4, 8)))) {
      FloatBuffer vector = trainer.computeShard(Batches.noise(1, 4, 8, 2)).asFloatBuffer();
      int parameters = 2 * CHANNELS * Normed.NORMS.size();
      float[] batch = new float[2 * CHANNELS * Normed.NORMS.size()];
      vector.get(parameters, batch);
      trainer.apply(trainer.computeShard(Batches.noise(1, 4, 8, 2)), 1, 1e-3);
      Map<String, NamedTensor> after =
          trainer.model().stream().collect(Collectors.toMap(NamedTensor::name, t -> t));
      for (int i = 0; i < Normed.NORMS.size(); i++) {
        double momentum = Normed.NORMS.get(i).momentum();
        for (int c = 0; c < CHANNELS; c++) {
          float mean = batch[2 * CHANNELS * i + c];
          float variance = batch[2 * CHANNELS * i + CHANNELS + c];
          assertThat((double) after.get(i + ".running_mean").floats().get(c))
              .isCloseTo(momentum * mean, within(1e-6));
          assertThat((double) after.get(i + ".running_var").floats().get(c))
              .isCloseTo(1 - momentum + momentum * variance, within(1e-6));
        }
      }
      // what the second lets through of a variance of one, with so large an epsilon
      assertThat((double) batch[4 * CHANNELS + CHANNELS])
          .isCloseTo(1 / (1 + LARGE_EPSILON), within(0.01));
    }
  }
}
