package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.nn.LinearHead;
import io.elapid.op.SpatialMean;
import io.elapid.optim.AdamWSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;

/** Tensors that belong to the official state dictionary but never change. */
@Tag("backend")
class FixedTensorTest {
  private static final int SIZE = 2;
  private static final int SIDE = 8;
  private static final int CLASSES = 3;

  /** A third is a number that averages wear down by rounding. */
  private static final float THIRD = 1 / 3f;

  private record Filtering() implements ImageClassifier {
    @Override
    public String name() {
      return "filtering";
    }

    @Override
    public int imageSize() {
      return SIDE;
    }

    @Override
    public Scores scores(Scope scope, SDVariable images, int classes) {
      scope.child("fixed").fixed("filter", new double[] {THIRD, -THIRD}, 2, 1);
      SDVariable mean = SpatialMean.apply(scope.graph(), images);
      return Scores.of(LinearHead.apply(scope.child("head"), mean, 3, classes));
    }
  }

  private static Trainer<Batch> trainer() {
    return new Trainer<>(
        TrainerSettings.classifier(
            new Filtering(), CLASSES, SIDE, SIZE, 5, AdamWSettings.published(), 0, 0.9, 1));
  }

  @Test
  void neitherTrainingNorAveragingChangesThem() {
    try (Trainer<Batch> trainer = trainer()) {
      for (int step = 0; step < 20; step++) {
        trainer.apply(trainer.computeShard(Batches.noise(step, SIZE, SIDE, CLASSES)), 1, 1e-3);
      }
      assertThat(filter(trainer.model())).containsExactly(THIRD, -THIRD);
      assertThat(filter(trainer.ema())).containsExactly(THIRD, -THIRD);
      assertThat(trainer.state()).noneMatch(tensor -> tensor.name().contains("filter"));
      assertThat(trainer.vectorLength()).isEqualTo(3 * CLASSES + CLASSES + 4);
    }
  }

  @Test
  void weightsMadeForOthersAreRefusedAndRoundedOnesTaken() {
    try (Trainer<Batch> trainer = trainer()) {
      Map<String, NamedTensor> weights = new HashMap<>();
      trainer.model().forEach(tensor -> weights.put(tensor.name(), tensor));
      weights.put("fixed.filter", filter(0.3335f, -0.3335f));
      trainer.load(weights);
      assertThat(filter(trainer.model())).containsExactly(THIRD, -THIRD);
      weights.put("fixed.filter", filter(THIRD, THIRD));
      assertThatThrownBy(() -> trainer.load(weights))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("fixed.filter is not the constant");
      weights.remove("fixed.filter");
      assertThatThrownBy(() -> trainer.load(weights)).hasMessageContaining("fixed.filter");
    }
  }

  private static NamedTensor filter(float... values) {
    return NamedTensor.floats("fixed.filter", new long[] {2, 1}, values);
  }

  private static float[] filter(List<NamedTensor> tensors) {
    NamedTensor found =
        tensors.stream().filter(t -> t.name().equals("fixed.filter")).findFirst().orElseThrow();
    return new float[] {found.floats().get(0), found.floats().get(1)};
  }
}
