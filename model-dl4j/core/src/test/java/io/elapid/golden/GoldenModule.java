package io.elapid.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.engine.Gradients;
import io.elapid.engine.ProgramSpec;
import io.elapid.engine.StepProgram;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Parameters;
import io.elapid.graph.Scope;
import io.elapid.graph.Slot;
import io.elapid.nn.FeatureMap;
import io.elapid.op.OpRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A neck or a head run in double on a golden case: its inputs {@code input.0}, {@code input.1} and
 * so on, its parameters, and the gradients of a loss.
 */
public final class GoldenModule implements AutoCloseable {
  private static final DataType TYPE = DataType.DOUBLE;

  /**
   * What a module computes.
   *
   * @param loss that gradients are of
   * @param outputs to be compared, by name in the file
   */
  public record Built(SDVariable loss, Map<String, SDVariable> outputs) {}

  /** Builds the module on a scope whose names are the official ones. */
  @FunctionalInterface
  public interface Module {
    /** The maps are the case's inputs. */
    Built build(Scope scope, List<FeatureMap> maps);
  }

  private final GoldenCase golden;
  private final JsonNode parameters;
  private final Map<String, INDArray> results = new LinkedHashMap<>();
  private final Map<String, INDArray> gradients = new LinkedHashMap<>();
  private final Map<String, String> used = new HashMap<>();
  private final Map<String, SDVariable> outputs;
  private final Arena weights;
  private final StepProgram program;

  /** With the case's own parameters. */
  public GoldenModule(GoldenCase golden, Mode mode, Module module) {
    this(golden, golden.json().path("parameters"), mode, module);
  }

  /** With the parameters of another case. */
  public GoldenModule(GoldenCase golden, JsonNode parameters, Mode mode, Module module) {
    OpRegistry.register();
    this.golden = golden;
    this.parameters = parameters;
    SameDiff graph = SameDiff.create();
    Scope scope = Scope.root(graph, TYPE, mode);
    Map<String, INDArray> given = new HashMap<>();
    Built built = module.build(scope, maps(graph, given));
    this.outputs = built.outputs();
    ParameterTable table = scope.table();
    checkNames(table);
    this.weights = Arena.allocate(TYPE, table.length());
    Parameters loaded = new Parameters(table, weights, 0);
    loaded.load((name, shape) -> doubles(golden.golden().floats(parameters.get(name))));
    given.putAll(loaded.arrays());
    program = StepProgram.compile(spec(graph, built, table, given));
    program.run();
  }

  /** A convolution right on a placeholder has no gradient for it: so each is a sum with zeros. */
  private List<FeatureMap> maps(SameDiff graph, Map<String, INDArray> given) {
    List<FeatureMap> maps = new ArrayList<>();
    for (int i = 0; i < golden.inputs("input."); i++) {
      String name = "input." + i;
      long[] shape = golden.inputShape(name);
      SDVariable x = graph.placeHolder(name, TYPE, shape);
      SDVariable zero = graph.placeHolder("zero." + i, TYPE, shape);
      given.put(name, array(golden.input(name), shape));
      given.put("zero." + i, Nd4j.create(TYPE, shape));
      SDVariable sum = graph.math().add(x, zero);
      used.put(name, sum.name());
      maps.add(new FeatureMap(sum, shape[0], shape[1], shape[2], shape[3]));
    }
    return maps;
  }

  /** Everything in the file is declared with its shape, and nothing else. */
  private void checkNames(ParameterTable table) {
    Map<String, List<Long>> declared = new TreeMap<>();
    for (Slot slot : table.slots()) {
      declared.put(slot.name(), boxed(slot.shape()));
    }
    Map<String, List<Long>> expected = new TreeMap<>();
    parameters
        .properties()
        .forEach(e -> expected.put(e.getKey(), boxed(Goldens.longs(e.getValue().get("shape")))));
    assertThat(declared).isEqualTo(expected);
  }

  private static List<Long> boxed(long[] shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  private ProgramSpec spec(
      SameDiff graph, Built built, ParameterTable table, Map<String, INDArray> given) {
    Map<String, INDArray> targets = new HashMap<>();
    List<String> wanted =
        Stream.concat(
                table.parameters().stream().map(Slot::name),
                Stream.iterate(0, i -> i + 1).limit(golden.inputs("input.")).map(i -> "input." + i))
            .filter(
                name -> golden.param("grad_summary").has(name) || isInputWithGradient(graph, name))
            .toList();
    SameDiff run = graph;
    if (!wanted.isEmpty()) {
      Gradients found = Gradients.of(graph, built.loss(), wanted);
      for (String name : wanted) {
        INDArray gradient = Nd4j.create(TYPE, given.get(name).shape());
        gradients.put(name, gradient);
        targets.put(found.names().get(name), gradient);
      }
      run = found.graph();
    }
    Set<String> kept = Set.copyOf(built.outputs().values().stream().map(SDVariable::name).toList());
    return new ProgramSpec(run, given, targets, kept);
  }

  /** What a module leaves out has no gradient here, and zeros in the file. */
  private boolean isInputWithGradient(SameDiff graph, String name) {
    if (!name.startsWith("input.") || !golden.hasOutput("grad_" + name)) {
      return false;
    }
    String sum = used.get(name);
    List<String> readers = graph.getVariables().get(sum).getInputsForOp();
    boolean read = readers != null && !readers.isEmpty();
    if (!read) {
      assertThat(golden.output("grad_" + name)).containsOnly(0);
    }
    return read;
  }

  /** What the module computed under that name. */
  public float[] output(String name) {
    INDArray array =
        results.computeIfAbsent(name, n -> program.kept(outputs.get(n).name()).dup('c'));
    return floats(array);
  }

  /** Compares all outputs and gradients that the case has. */
  public void check() {
    for (String name : outputs.keySet()) {
      if (golden.hasOutput(name)) {
        golden.check(name, output(name));
      }
    }
    checkGradients();
  }

  /** Compares gradients: those of inputs whole, those of parameters by three sums. */
  public void checkGradients() {
    double tolerance = golden.json().get("tol").asDouble();
    gradients.forEach(
        (name, gradient) -> {
          if (name.startsWith("input.")) {
            golden.check("grad_" + name, floats(gradient));
            return;
          }
          double[] values = gradient.dup('c').reshape(-1).toDoubleVector();
          double[] sums = new double[3];
          for (double value : values) {
            sums[0] += value;
            sums[1] += value * value;
            sums[2] = Math.max(sums[2], Math.abs(value));
          }
          double[] expected = Goldens.doubles(golden.param("grad_summary").get(name));
          double size = Math.max(1, Math.sqrt(expected[1] * values.length));
          assertThat(sums[0])
              .as("%s: sum of d/d%s", golden, name)
              .isCloseTo(expected[0], within(tolerance * size));
          assertThat(sums[1])
              .as("%s: squares of d/d%s", golden, name)
              .isCloseTo(expected[1], within(tolerance * Math.max(1, expected[1])));
          assertThat(sums[2])
              .as("%s: largest d/d%s", golden, name)
              .isCloseTo(expected[2], within(tolerance * Math.max(1, expected[2])));
        });
  }

  /** An array of the graph's type. */
  public static INDArray array(float[] values, long... shape) {
    return Nd4j.createFromArray(values).castTo(TYPE).reshape('c', shape);
  }

  private static float[] floats(INDArray array) {
    return array.dup('c').reshape(-1).toFloatVector();
  }

  private static double[] doubles(float[] values) {
    double[] all = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      all[i] = values[i];
    }
    return all;
  }

  @Override
  public void close() {
    program.close();
    weights.close();
  }
}
