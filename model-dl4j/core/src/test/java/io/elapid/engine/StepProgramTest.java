package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.op.HaarDwt;
import io.elapid.op.HaarIdwt;
import io.elapid.op.OpRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

@Tag("backend")
class StepProgramTest {

  /** A residual, a reshape, a split, a concatenation and a loss, all of them ND4J's own. */
  private static final class Sample {
    final SameDiff graph = SameDiff.create();
    final Map<String, INDArray> inputs = new HashMap<>();
    final SDVariable loss;

    Sample(DataType type) {
      SDVariable x = input("x", type, 4, 6);
      SDVariable w = input("w", type, 6, 6);
      SDVariable sum = graph.math().add("sum", x.mmul(w), x);
      SDVariable[] parts = graph.split(graph.reshape(sum, 4, 2, 3), 3, 2);
      SDVariable mixed = graph.concat("mixed", 2, parts[0], parts[2], parts[1]);
      graph.math().add("unused", mixed, mixed);
      loss = graph.loss().meanSquaredError("loss", input("y", type, 4, 2, 3), mixed, null);
    }

    private SDVariable input(String name, DataType type, long... shape) {
      inputs.put(name, Nd4j.rand(type, shape));
      return graph.placeHolder(name, type, shape);
    }
  }

  @BeforeEach
  void drawTheSameNumbersEveryTime() {
    Nd4j.getRandom().setSeed(11);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void equalsSameDiffsOwnSessionBitForBit(DataType type) {
    Sample sample = new Sample(type);
    Gradients gradients = Gradients.of(sample.graph, sample.loss, List.of("w", "x"));
    Map<String, INDArray> results = new HashMap<>();
    results.put(gradients.names().get("w"), Nd4j.create(type, 6, 6));
    results.put(gradients.names().get("x"), Nd4j.create(type, 4, 6));
    results.put("loss", Nd4j.create(type, new long[0]));
    ProgramSpec spec = new ProgramSpec(gradients.graph(), sample.inputs, results, Set.of("mixed"));
    try (StepProgram program = StepProgram.compile(spec)) {
      program.run();
      Map<String, INDArray> expected = sample.graph.calculateGradients(sample.inputs, "w", "x");
      Map<String, INDArray> forward = sample.graph.output(sample.inputs, "loss", "mixed");
      for (int repeat = 0; repeat < 2; repeat++) {
        assertThat(results.get(gradients.names().get("w"))).isEqualTo(expected.get("w"));
        assertThat(results.get(gradients.names().get("x"))).isEqualTo(expected.get("x"));
        assertThat(results.get("loss")).isEqualTo(forward.get("loss"));
        assertThat(program.kept("mixed")).isEqualTo(forward.get("mixed"));
        program.run();
      }
    }
  }

  @Test
  void whatAGradientNeedsTheShapeOfIsNotKeptForIt() {
    OpRegistry.register();
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, 2, 3, 16, 16);
    SDVariable y = x;
    for (int i = 0; i < 10; i++) {
      y = HaarIdwt.apply(graph, HaarDwt.apply(graph, y), 16, 16);
    }
    SDVariable zero = graph.placeHolder("zero", DataType.FLOAT, 2, 3, 16, 16);
    SDVariable loss = graph.loss().meanSquaredError("loss", zero, y, null);
    Gradients gradients = Gradients.of(graph, loss, List.of("x"));
    INDArray gradient = Nd4j.create(DataType.FLOAT, 2, 3, 16, 16);
    INDArray value = Nd4j.rand(DataType.FLOAT, 2, 3, 16, 16);
    ProgramSpec spec =
        new ProgramSpec(
            gradients.graph(),
            Map.of("x", value, "zero", value.like()),
            Map.of(gradients.names().get("x"), gradient),
            Set.of("loss"));
    try (StepProgram program = StepProgram.compile(spec)) {
      program.run();
      INDArray expected = value.mul(2.0 / value.length());
      assertThat(gradient.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-8);
      assertThat(program.arenaBytes()).isLessThan(8 * value.length() * Float.BYTES);
    }
  }

  @Test
  void memoryOfIntermediateResultsIsShared() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, 64, 64);
    for (int i = 0; i < 10; i++) {
      x = x.mmul(x);
    }
    Map<String, INDArray> inputs = Map.of("x", Nd4j.zeros(DataType.FLOAT, 64, 64));
    ProgramSpec spec = new ProgramSpec(graph, inputs, Map.of(), Set.of(x.name()));
    try (StepProgram program = StepProgram.compile(spec)) {
      assertThat(program.arenaBytes()).isEqualTo(2 * 64 * 64 * Float.BYTES);
      assertThat(program.unsharedBytes()).isEqualTo(10 * 64 * 64 * Float.BYTES);
    }
  }

  @Test
  void operationsThatNothingNeedsAreLeftOut() {
    Sample sample = new Sample(DataType.FLOAT);
    ProgramSpec all = spec(sample, "unused");
    ProgramSpec some = spec(sample, "sum");
    try (StepProgram more = StepProgram.compile(all);
        StepProgram fewer = StepProgram.compile(some)) {
      assertThat(fewer.size()).isEqualTo(2);
      assertThat(more.size()).isEqualTo(5);
    }
  }

  @Test
  void whatFollowsFromConstantsAloneIsComputedOnceAndForAll() {
    SameDiff graph = SameDiff.create();
    INDArray values = Nd4j.rand(DataType.FLOAT, 3, 3);
    SDVariable constant = graph.constant("constant", values);
    SDVariable square = constant.mmul("square", constant);
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, 2, 3);
    SDVariable y = x.mmul("y", graph.math().add("folded", square, constant));
    INDArray input = Nd4j.rand(DataType.FLOAT, 2, 3);
    ProgramSpec spec = new ProgramSpec(graph, Map.of("x", input), Map.of(), Set.of(y.name()));
    try (StepProgram program = StepProgram.compile(spec)) {
      assertThat(program.size()).isEqualTo(1);
      program.run();
      assertThat(program.kept("y")).isEqualTo(input.mmul(values.mmul(values).add(values)));
    }
  }

  @Test
  void reshapingIsAViewAndNoOperation() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, 4, 6);
    SDVariable product = x.mmul("product", graph.placeHolder("w", DataType.FLOAT, 6, 6));
    SDVariable reshaped = graph.reshape("reshaped", product, 8, 3);
    SDVariable y = reshaped.mmul("y", graph.placeHolder("v", DataType.FLOAT, 3, 3));
    Map<String, INDArray> inputs =
        Map.of(
            "x", Nd4j.rand(DataType.FLOAT, 4, 6),
            "w", Nd4j.rand(DataType.FLOAT, 6, 6),
            "v", Nd4j.rand(DataType.FLOAT, 3, 3));
    ProgramSpec spec = new ProgramSpec(graph, inputs, Map.of(), Set.of(y.name()));
    try (StepProgram program = StepProgram.compile(spec)) {
      assertThat(program.size()).isEqualTo(2);
      program.run();
      INDArray expected = inputs.get("x").mmul(inputs.get("w")).reshape(8, 3).mmul(inputs.get("v"));
      assertThat(program.kept("y")).isEqualTo(expected);
    }
  }

  @Test
  void aResultWantedTwiceIsCopied() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, 2, 2);
    SDVariable square = x.mmul("square", x);
    SDVariable flat = graph.reshape("flat", square, 4);
    INDArray first = Nd4j.create(DataType.FLOAT, 2, 2);
    INDArray second = Nd4j.create(DataType.FLOAT, 4);
    INDArray input = Nd4j.rand(DataType.FLOAT, 2, 2);
    Map<String, INDArray> results = Map.of("square", first, flat.name(), second);
    try (StepProgram program =
        StepProgram.compile(new ProgramSpec(graph, Map.of("x", input), results, Set.of()))) {
      program.run();
    }
    assertThat(first).isEqualTo(input.mmul(input));
    assertThat(second).isEqualTo(first.reshape(4));
  }

  @Test
  void missingInputIsNamedWithItsReader() {
    Sample sample = new Sample(DataType.FLOAT);
    sample.inputs.remove("w");
    ProgramSpec spec = spec(sample, "sum");
    assertThatThrownBy(() -> StepProgram.compile(spec))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no array given for variable w, which matmul reads");
  }

  @Test
  void shapesThatDoNotFitAreNamedWithTheOperation() {
    Sample sample = new Sample(DataType.FLOAT);
    sample.inputs.put("w", Nd4j.create(DataType.FLOAT, 5, 6));
    ProgramSpec spec = spec(sample, "sum");
    assertThatThrownBy(() -> StepProgram.compile(spec))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("matmul cannot take inputs of shapes [[4, 6], [5, 6]]");
  }

  @Test
  void inspectionShowsEveryResultUpToTheFirstThatIsNotFinite() {
    Sample sample = new Sample(DataType.FLOAT);
    try (StepProgram program = StepProgram.compile(spec(sample, "mixed"))) {
      List<OperationResult> seen = new ArrayList<>();
      program.inspect(seen::add);
      assertThat(seen).extracting(OperationResult::step).containsExactly(0, 1, 2, 3);
      assertThat(seen)
          .extracting(OperationResult::kind)
          .containsExactly("matmul", "elapid_sum", "split", "concat");
      assertThat(seen.get(0).inputs()).isEqualTo("[[4, 6], [6, 6]]");
      INDArray product = sample.inputs.get("x").mmul(sample.inputs.get("w"));
      // Two products of the same matrices may differ in their last bit.
      OperationResult.Output output = seen.get(0).outputs().get(0);
      assertThat(seen.get(0).outputs()).hasSize(1);
      assertThat(output.shape()).isEqualTo("[4, 6]");
      assertThat(output.least()).isCloseTo(product.minNumber().doubleValue(), within(1e-5));
      assertThat(output.greatest()).isCloseTo(product.maxNumber().doubleValue(), within(1e-5));
      assertThat(output.notFinite()).isZero();
      INDArray mixed = program.kept("mixed").dup();
      program.run();
      assertThat(program.kept("mixed")).isEqualTo(mixed);

      seen.clear();
      sample.inputs.get("w").putScalar(0, Double.NaN);
      assertThatThrownBy(() -> program.inspect(seen::add))
          .isInstanceOf(DivergenceException.class)
          .hasMessage(
              "matmul wrote 4 values that are not finite to output 0, shape [4, 6]; inputs [[4, 6], [6, 6]]");
      assertThat(seen).hasSize(1);
    }
  }

  private static ProgramSpec spec(Sample sample, String kept) {
    return new ProgramSpec(sample.graph, sample.inputs, Map.of(), Set.of(kept));
  }
}
