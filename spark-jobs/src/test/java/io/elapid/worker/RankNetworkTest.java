package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.Evaluator;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Mode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

final class RankNetworkTest {
  /** One whose network cannot be made, as where a device has too little memory left. */
  private static final class Impossible implements LearningTask<Batch> {
    private int closed;

    @Override
    public TrainerSettings<Batch> trainer() {
      throw new IllegalStateException("no memory");
    }

    @Override
    public BatchLoader<Batch> training(ShardPlan plan, long startStep) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BatchLoader<Batch> evaluation(Path dataset, String split, EvaluationShare share) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Evaluator<Batch> evaluator(Mode mode, Map<String, NamedTensor> weights) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SplitScore score(
        Evaluator<Batch> evaluator,
        BatchLoader<Batch> share,
        Optional<ShareResults> results,
        Runnable gate) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      closed++;
    }
  }

  @Test
  void whatTheNetworkLearnsFromIsGivenBackWhereItCannotBeMade() {
    Recipe recipe = RecipeLoader.parse("r", "", List.of());
    Impossible task = new Impossible();
    assertThatThrownBy(() -> RankNetwork.of(task, recipe)).hasMessage("no memory");
    assertThat(task.closed).isEqualTo(1);
  }
}
