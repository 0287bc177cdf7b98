package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.stock.StockGraph;
import io.elapid.golden.Filler;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import io.elapid.graph.Slot;
import io.elapid.model.Models;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A training step of a network of every family against the same network written with stock SameDiff
 * operations, differentiated and run by SameDiff: no kernel and no gradient in common.
 */
@Tag("backend")
class StockNetworkTest {
  private static final int CLASSES = 10;
  private static final int BATCH = 3;
  private static final double TOLERANCE = 1e-7;
  private static final Filler FILLER = new Filler(5);

  @ParameterizedTest
  @CsvSource({
    "efficientvim_m1, 64",
    "tinyvim_s, 64",
    "mobilemamba_t2, 64",
    "efficientvmamba_t, 64"
  })
  void trainingStepAgreesWithStockOperations(String model, int side) {
    Frame input = Frame.square(BATCH, side);
    Blueprint blueprint = blueprint(model, input);
    try (Arena weights = Arena.allocate(DataType.DOUBLE, blueprint.table().length())) {
      Parameters parameters = new Parameters(blueprint.table(), weights, 0);
      parameters.load(blueprint.table().initialWeights(1));
      try (ShardProgram shard =
          ShardProgram.compile(blueprint, Classifiers.FIGURES, parameters, Set.of())) {
        fill(shard.inputs().arena(), blueprint, input);
        shard.run();
        Map<String, INDArray> given = given(parameters, shard, blueprint);
        Map<String, INDArray> expected = stock(blueprint(model, input), given);
        assertClose("loss", shard.vector().view(shard.layout().loss()), expected.get("loss"));
        assertClose("scores", shard.outputs().array(Classifier.LOGITS), expected.get("scores"));
        for (Slot slot : blueprint.table().slots()) {
          INDArray actual = shard.vector().view(slot.offset(), slot.shape());
          assertClose(slot.name(), actual, expected.get(slot.name()));
        }
      }
    }
  }

  private static Blueprint blueprint(String model, Frame input) {
    return Classifiers.learning(Models.byName(model), CLASSES, input, DataType.DOUBLE, Mode.TRAIN);
  }

  /** Pictures, soft targets, and factors of dropped paths that differ between samples. */
  private static void fill(Arena inputs, Blueprint blueprint, Frame input) {
    double[] pixels = GoldenNetwork.images(FILLER, input);
    GoldenNetwork.write(inputs, 0, pixels);
    int targets = BATCH * CLASSES;
    int drops = BATCH * blueprint.scope().drops().size();
    double[] rest = new double[targets + drops];
    for (int i = 0; i < targets; i++) {
      rest[i] = 0.04 + (i % (CLASSES + 1) == 0 ? 0.6 : 0);
    }
    for (int i = 0; i < drops; i++) {
      rest[targets + i] = i % 4 == 3 ? 0 : 1.25;
    }
    GoldenNetwork.write(inputs, pixels.length, rest);
  }

  private static Map<String, INDArray> given(
      Parameters parameters, ShardProgram shard, Blueprint blueprint) {
    Map<String, INDArray> given = new HashMap<>();
    parameters.arrays().forEach((name, array) -> given.put(name, copy(array)));
    given.put(Ports.IMAGES, copy(shard.inputs().array(Ports.IMAGES)));
    given.put(TrainingLoss.TARGETS, copy(shard.inputs().array(TrainingLoss.TARGETS)));
    for (String site : blueprint.scope().drops().keySet()) {
      given.put(site, copy(shard.inputs().array(site)));
    }
    return given;
  }

  private static INDArray copy(INDArray array) {
    return Nd4j.create(array.dataType(), array.shape()).assign(array);
  }

  /** Loss, scores, and gradients and batch statistics by the names of the table. */
  private static Map<String, INDArray> stock(Blueprint blueprint, Map<String, INDArray> given) {
    SDVariable loss = blueprint.loss().orElseThrow();
    Map<String, String> results = new LinkedHashMap<>();
    results.put("loss", loss.name());
    results.put("scores", blueprint.output(Classifier.LOGITS).name());
    blueprint
        .scope()
        .batchStatistics()
        .forEach((name, variable) -> results.put(name, variable.name()));
    StockGraph stock = StockGraphs.of(blueprint.graph(), Set.copyOf(results.values()));
    results.replaceAll((name, variable) -> stock.variable(variable).name());
    List<String> trained = blueprint.table().parameters().stream().map(Slot::name).toList();
    Gradients gradients =
        Gradients.of(stock.graph(), stock.graph().getVariable(results.get("loss")), trained);
    given.keySet().removeIf(name -> !stock.graph().hasVariable(name));
    OutAndGrad found = stock.graph().calculateGradientsAndOutputs(given, results.values(), trained);
    assertThat(gradients.names()).containsOnlyKeys(trained);
    Map<String, INDArray> all = new HashMap<>(found.getGradients());
    results.forEach((name, variable) -> all.put(name, found.getOutputs().get(variable)));
    return all;
  }

  private static void assertClose(String what, INDArray actual, INDArray expected) {
    double[] mine = GoldenAssertions.elements(actual);
    double[] theirs = GoldenAssertions.elements(expected);
    double largest = GoldenAssertions.absMax(theirs);
    double error = 0;
    for (int i = 0; i < theirs.length; i++) {
      error = Math.max(error, Math.abs(mine[i] - theirs[i]));
    }
    assertThat(mine).as(what).hasSameSizeAs(theirs);
    assertThat(error)
        .as("%s, of %s at most", what, largest)
        .isLessThan(TOLERANCE * largest + 1e-12);
  }
}
