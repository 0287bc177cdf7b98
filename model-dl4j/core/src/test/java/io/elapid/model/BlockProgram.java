package io.elapid.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.engine.Gradients;
import io.elapid.engine.ProgramSpec;
import io.elapid.engine.StepProgram;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Parameters;
import io.elapid.graph.Scope;
import io.elapid.graph.Slot;
import io.elapid.graph.Weights;
import io.elapid.op.OpRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A block by itself, in double, with the gradients of {@code sum(outputs * directions)}. */
public final class BlockProgram implements AutoCloseable {
  private final ParameterTable table;
  private final Arena weights;
  private final Map<String, INDArray> inputs;
  private final Map<String, INDArray> gradients = new HashMap<>();
  private final List<String> outputs = new ArrayList<>();
  private final StepProgram program;
  private final String loss;

  /**
   * Builds the block.
   *
   * @param prefix dotted module path that the parameters' names start with
   * @param block from the scope and the input to the outputs
   * @param directions one array as large as all outputs together
   */
  public BlockProgram(
      String prefix,
      Mode mode,
      INDArray x,
      double[] directions,
      Weights source,
      BiFunction<Scope, SDVariable, List<SDVariable>> block) {
    OpRegistry.register().threads(1);
    SameDiff graph = SameDiff.create();
    Scope root = Scope.root(graph, DataType.DOUBLE, mode);
    Scope scope = root;
    for (String part : prefix.split("\\.", -1)) {
      scope = scope.child(part);
    }
    SDVariable input = graph.placeHolder("x", DataType.DOUBLE, x.shape());
    // a convolution right on a placeholder would not compute the placeholder's gradient
    SDVariable zero = graph.placeHolder("zero", DataType.DOUBLE, x.shape());
    List<SDVariable> results = block.apply(scope, graph.math().add(input, zero));
    SDVariable weighted = weightedSum(graph, results, directions.length);
    this.table = root.table();
    this.weights = Arena.allocate(DataType.DOUBLE, table.length());
    Parameters parameters = new Parameters(table, weights, 0);
    parameters.load(source);
    this.inputs = new HashMap<>(parameters.arrays());
    inputs.put("x", x);
    inputs.put("zero", Nd4j.create(DataType.DOUBLE, x.shape()));
    inputs.put("directions", Nd4j.createFromArray(directions).reshape(directions.length, 1));
    this.program = StepProgram.compile(differentiated(graph, weighted, results));
    this.loss = weighted.name();
  }

  private static SDVariable weightedSum(SameDiff graph, List<SDVariable> results, int length) {
    List<SDVariable> flat = new ArrayList<>();
    results.forEach(result -> flat.add(graph.reshape(result, 1, -1)));
    SDVariable row =
        flat.size() == 1 ? flat.get(0) : graph.concat(1, flat.toArray(SDVariable[]::new));
    SDVariable column = graph.placeHolder("directions", DataType.DOUBLE, length, 1);
    return graph.reshape(row.mmul(column), 1);
  }

  private ProgramSpec differentiated(
      SameDiff graph, SDVariable weighted, List<SDVariable> results) {
    List<String> wanted = new ArrayList<>(List.of("x"));
    table.parameters().forEach(slot -> wanted.add(slot.name()));
    Gradients found = Gradients.of(graph, weighted, wanted);
    Map<String, INDArray> targets = new HashMap<>();
    for (String name : wanted) {
      INDArray target = Nd4j.create(DataType.DOUBLE, inputs.get(name).shape());
      gradients.put(name, target);
      targets.put(found.names().get(name), target);
    }
    Set<String> kept = new LinkedHashSet<>();
    results.forEach(result -> outputs.add(result.name()));
    kept.addAll(outputs);
    kept.add(weighted.name());
    return new ProgramSpec(found.graph(), inputs, targets, kept);
  }

  /** Computes the outputs and all gradients, and returns {@code sum(outputs * directions)}. */
  public double run() {
    program.run();
    return program.kept(loss).getDouble(0);
  }

  /** An output of the latest run. */
  public INDArray output(int index) {
    return program.kept(outputs.get(index));
  }

  /** The input {@code x} or a parameter: changing it changes the next run. */
  public INDArray input(String name) {
    return inputs.get(name);
  }

  /** The gradient for {@code x} or a parameter. */
  public INDArray gradient(String name) {
    return gradients.get(name);
  }

  /** Names of all parameters. */
  public List<String> parameters() {
    return table.parameters().stream().map(Slot::name).toList();
  }

  /** Checks a sample of every gradient against finite differences of {@link #run()}. */
  public void assertGradientsAreThoseOfFiniteDifferences() {
    Map<String, double[]> computed = new LinkedHashMap<>();
    run();
    gradients.forEach((name, array) -> computed.put(name, array.dup('c').data().asDouble()));
    computed.forEach(
        (name, gradient) -> {
          int stride = Math.max(1, gradient.length / 2);
          for (int i = stride / 2; i < gradient.length; i += stride) {
            assertThat(difference(name, i))
                .as("%s[%d]", name, i)
                .isCloseTo(gradient[i], within(1e-6 + 1e-6 * Math.abs(gradient[i])));
          }
        });
  }

  private double difference(String name, int index) {
    double step = 1e-5;
    INDArray flat = input(name).reshape('c', new long[] {input(name).length()});
    double value = flat.getDouble(index);
    flat.putScalar(index, value + step);
    double above = run();
    flat.putScalar(index, value - step);
    double below = run();
    flat.putScalar(index, value);
    return (above - below) / (2 * step);
  }

  @Override
  public void close() {
    program.close();
    weights.close();
  }
}
