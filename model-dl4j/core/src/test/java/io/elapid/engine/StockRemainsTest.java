package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import io.elapid.graph.Scope;
import io.elapid.model.Models;
import io.elapid.task.dense.DenseBackbone;
import io.elapid.task.detection.MaskRcnn;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Which of ND4J's own operations a compiled training step still has: none that broadcasts, none
 * that differentiates a broadcast, no loss of ND4J's, and nothing that only changes a shape.
 */
@Tag("backend")
class StockRemainsTest {
  @ParameterizedTest
  @ValueSource(strings = {"efficientvim_m1", "tinyvim_s", "mobilemamba_t2", "efficientvmamba_t"})
  void nothingIsLeftInAClassifier(String model) {
    Frame input = Frame.square(2, 64);
    Blueprint blueprint =
        Classifiers.learning(Models.byName(model), 10, input, DataType.FLOAT, Mode.TRAIN);
    assertThat(remains(blueprint, Classifiers.FIGURES)).isEmpty();
  }

  @Test
  void nothingThatOnlySatisfiesSameDiffRunsInADetector() {
    DenseBackbone backbone = DenseBackbone.of(Models.byName("efficientvim_nano"));
    MaskRcnn network = new MaskRcnn(backbone, 3, MaskRcnn.Regions.PUBLISHED);
    Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, Mode.TRAIN);
    Blueprint blueprint = Blueprint.learning(network, Frame.square(1, 64), scope);
    // the permutation is of the weight of a transposed convolution
    assertThat(remains(blueprint, network.figures())).containsExactly("permute");
  }

  private static Set<String> remains(Blueprint blueprint, List<Figure> figures) {
    Arena.Source planned = Arena.planned();
    Set<String> remains = new TreeSet<>();
    try (Arena weights = planned.take(DataType.FLOAT, blueprint.table().length());
        ShardProgram shard =
            ShardProgram.compile(
                blueprint,
                figures,
                new Parameters(blueprint.table(), weights, 0),
                Set.of(),
                planned)) {
      for (StepProgram.Step step : shard.program().steps()) {
        String kind = step.node().op().opName();
        if (!OpWork.isOurs(kind)) {
          remains.add(kind);
        }
      }
    }
    return remains;
  }
}
