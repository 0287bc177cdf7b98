package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.golden.Filler;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import io.elapid.graph.Slot;
import io.elapid.model.Models;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A whole network's compiled step against the same graph in SameDiff's own session. */
@Tag("backend")
class NetworkProgramTest {
  private static final int CLASSES = 10;
  private static final Filler FILLER = new Filler(3);

  @Test
  void trainingStepEqualsTheSessionsBitForBit() {
    Frame input = Frame.square(4, 64);
    Blueprint compiled = blueprint(input);
    try (Arena weights = Arena.allocate(DataType.FLOAT, compiled.table().length())) {
      Parameters parameters = new Parameters(compiled.table(), weights, 0);
      parameters.load(GoldenNetwork.weights(FILLER));
      try (ShardProgram shard =
          ShardProgram.compile(compiled, Classifiers.FIGURES, parameters, Set.of())) {
        double[] pixels = GoldenNetwork.images(FILLER, input);
        GoldenNetwork.write(shard.inputs().arena(), 0, pixels);
        shard
            .inputs()
            .array(TrainingLoss.TARGETS)
            .putScalar(new int[] {0, 3}, 1)
            .putScalar(new int[] {2, 7}, 1);
        shard.run();
        Map<String, INDArray> expected = session(input, parameters, shard);
        for (Slot slot : compiled.table().parameters()) {
          INDArray actual = shard.vector().view(slot.offset(), slot.shape());
          assertThat(GoldenAssertions.elements(actual))
              .as(slot.name())
              .containsExactly(GoldenAssertions.elements(expected.get(slot.name())));
        }
        assertThat(shard.program().arenaBytes()).isLessThan(shard.program().unsharedBytes() / 2);
      }
    }
  }

  private static Blueprint blueprint(Frame input) {
    return Classifiers.learning(
        Models.byName("efficientvim_nano"), CLASSES, input, DataType.FLOAT, Mode.TRAIN);
  }

  private static Map<String, INDArray> session(
      Frame input, Parameters parameters, ShardProgram shard) {
    Blueprint blueprint = blueprint(input);
    SDVariable loss = blueprint.loss().orElseThrow();
    List<String> names = blueprint.table().parameters().stream().map(Slot::name).toList();
    Gradients.of(blueprint.graph(), loss, names);
    Map<String, INDArray> given = new HashMap<>();
    parameters.arrays().forEach((name, array) -> given.put(name, copy(array)));
    given.put(Ports.IMAGES, copy(shard.inputs().array(Ports.IMAGES)));
    given.put("targets", copy(shard.inputs().array(TrainingLoss.TARGETS)));
    given.keySet().removeIf(name -> name.contains("running_"));
    return blueprint.graph().calculateGradients(given, names.toArray(String[]::new));
  }

  private static INDArray copy(INDArray array) {
    return Nd4j.create(array.dataType(), array.shape()).assign(array);
  }
}
