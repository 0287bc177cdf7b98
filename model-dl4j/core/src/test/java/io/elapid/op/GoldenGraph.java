package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A graph with variables as golden files describe them, run for outputs and for the gradients of
 * {@code sum(y dy)}.
 */
final class GoldenGraph {
  private final SameDiff graph = SameDiff.create();
  private final DataType type;
  private final List<String> variables = new ArrayList<>();
  private Map<String, INDArray> gradients = Map.of();

  GoldenGraph(DataType type) {
    this.type = type;
  }

  SameDiff graph() {
    return graph;
  }

  /** A variable that gets a gradient. */
  SDVariable input(String name, float[] values, long... shape) {
    variables.add(name);
    return graph.var(name, array(type, values, shape));
  }

  /** The variable of the file's entry {@code {name, shape}}. */
  SDVariable input(String name, Filler filler, JsonNode entry) {
    long[] shape = Goldens.longs(entry.path("shape"));
    return input(name, values(filler, entry), shape);
  }

  SDVariable parameter(Filler filler, String prefix, String name, long... shape) {
    return input(name, filler.parameter(prefix + name, shape).orElseThrow(), shape);
  }

  /** A buffer, which gets no gradient. */
  SDVariable buffer(Filler filler, String prefix, String name, long... shape) {
    float[] values = filler.parameter(prefix + name, shape).orElseThrow();
    return graph.constant(name, array(type, values, shape));
  }

  void backward(SDVariable y, float[] dy) {
    backward(List.of(y), List.of(dy));
  }

  /** Gradients of the sum of {@code sum(y dy)} over several outputs. */
  void backward(List<SDVariable> outputs, List<float[]> dys) {
    List<String> losses = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      SDVariable y = outputs.get(i);
      SDVariable dy = graph.constant("dy" + i, array(type, dys.get(i), y.eval().shape()));
      losses.add(y.mul(dy).sum("loss" + i).name());
    }
    graph.setLossVariables(losses.toArray(String[]::new));
    graph.createGradFunction(variables.toArray(String[]::new));
    gradients = graph.calculateGradients(Map.of(), variables);
  }

  INDArray value(SDVariable variable) {
    return variable.eval();
  }

  INDArray gradient(String name) {
    return gradients.get(name);
  }

  /** Runs a module with one output on the file's dy and compares all that the file holds. */
  void checkModule(JsonNode module, Filler filler, SDVariable y) {
    JsonNode dy = module.path("dy").get(0);
    backward(y, values(filler, dy));
    checkEntry(module.path("y").get(0), value(y));
    checkEntry(module.path("dx"), gradient("x"));
    module.path("grads").properties().forEach(e -> checkEntry(e.getValue(), gradient(e.getKey())));
  }

  /** Compares a tensor, written out or as samples and their sum. */
  void checkEntry(JsonNode expected, INDArray actual) {
    if (expected.has("data")) {
      check(type, expected.path("data"), actual);
      return;
    }
    INDArray flat = actual.dup('c').reshape(-1);
    long[] indices = Goldens.longs(expected.path("idx"));
    check(type, expected.path("val"), flat.get(NDArrayIndex.indices(indices)));
    check(type, expected.path("sum"), flat.sum(), expected.path("abs_sum").asDouble());
  }

  /** The values of the file's entry {@code {name, shape}}. */
  static float[] values(Filler filler, JsonNode entry) {
    int n = size(Goldens.longs(entry.path("shape")));
    return filler.input(entry.path("name").asText(), n);
  }

  static int size(long[] shape) {
    return (int) ElapidOp.elements(shape);
  }

  static INDArray array(DataType type, float[] values, long... shape) {
    return Nd4j.createFromArray(values).castTo(type).reshape('c', shape);
  }

  static void check(DataType type, JsonNode expected, INDArray actual) {
    check(type, expected, actual, 0);
  }

  /**
   * Files hold ten digits of double arithmetic.
   *
   * @param scale size of the terms of a sum, which may cancel
   */
  private static void check(DataType type, JsonNode expected, INDArray actual, double scale) {
    double[] values =
        expected.isArray() ? Goldens.doubles(expected) : new double[] {expected.asDouble()};
    double[] computed = actual.castTo(DataType.DOUBLE).dup('c').reshape(-1).toDoubleVector();
    double largest = scale;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    double tolerance = (type == DataType.DOUBLE ? 1e-9 : 2e-6) * largest;
    assertThat(computed).hasSameSizeAs(values);
    assertThat(values).isNotEmpty();
    for (int i = 0; i < values.length; i++) {
      assertThat(computed[i]).isCloseTo(values[i], Offset.offset(tolerance));
    }
  }
}
