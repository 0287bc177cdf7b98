package io.elapid.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Weights;
import io.elapid.nn.FeatureMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A block of an official network in a golden file: its input, weights, outputs, and the gradients
 * of {@code sum(outputs * dy)}.
 *
 * @param id what the file calls it
 * @param json the case
 * @param filler of its weights and inputs
 */
public record BlockGolden(String id, JsonNode json, Filler filler) {
  private static final double TOLERANCE = 1e-7;

  /** Where the channels of the file's arrays of rank 4 are. Ours are always in front. */
  public enum Layout {
    NCHW,
    NHWC
  }

  /** The block, from the scope of its name and its input, both as in our networks, to outputs. */
  @FunctionalInterface
  public interface Block {
    /** Builds the block. */
    List<SDVariable> apply(Scope scope, SDVariable x);
  }

  /** All cases of the files of that name. */
  public static List<BlockGolden> cases(String fileName) {
    List<BlockGolden> cases = new ArrayList<>();
    for (Golden golden : Goldens.discover(fileName)) {
      for (JsonNode json : golden.cases()) {
        cases.add(new BlockGolden(json.path("id").asText(), json, golden.filler()));
      }
    }
    return cases;
  }

  /** Shape of the input as the file has it. */
  public long[] shape() {
    return Goldens.longs(json.path("x").path("shape"));
  }

  /** Shape of an output as the file has it. */
  public long[] outputShape(int index) {
    return Goldens.longs(json.path("dy").get(index).path("shape"));
  }

  /** The input, as our networks take it. */
  public INDArray input(Layout layout) {
    return ours(values(json.path("x")), layout);
  }

  /** {@code x} as a map of the input's sizes, for a file in our layout. */
  public FeatureMap map(SDVariable x) {
    long[] s = shape();
    return new FeatureMap(x, s[0], s[1], s[2], s[3]);
  }

  /**
   * Parameters by which our form of a block makes up for a constant that the file has otherwise.
   *
   * @param suffix of their names
   * @param factor our value over the file's
   */
  public record Rescaled(String suffix, double factor) {
    private static final Rescaled NONE = new Rescaled("", 1);

    private double factor(String name) {
      return name.endsWith(suffix) ? factor : 1;
    }
  }

  /** Compares everything that the file holds, computed in double. */
  public void check(Layout layout, Block block) {
    check(layout, Rescaled.NONE, block);
  }

  /** As {@link #check(Layout, Block)} where some parameters are not the file's. */
  public void check(Layout layout, Rescaled rescaled, Block block) {
    Weights given = weights(filler);
    Weights ours =
        (name, shape) ->
            Arrays.stream(given.values(name, shape)).map(v -> v * rescaled.factor(name)).toArray();
    try (BlockProgram program = program(layout, Mode.EVAL, ours, block)) {
      program.run();
      for (int i = 0; i < json.path("y").size(); i++) {
        assertClose("output " + i, theirs(program.output(i), layout), json.path("y").get(i));
      }
      assertClose("x", theirs(program.gradient("x"), layout), json.path("dx"));
      for (Map.Entry<String, JsonNode> gradient : json.path("grads").properties()) {
        String name = json.path("param_prefix").asText() + gradient.getKey();
        INDArray theirs = program.gradient(name).mul(rescaled.factor(name));
        assertClose(gradient.getKey(), theirs, gradient.getValue());
      }
    }
  }

  /** The block on the file's input and weights; owned by the caller. */
  public BlockProgram program(Layout layout, Mode mode, Block block) {
    return program(layout, mode, weights(filler), block);
  }

  private BlockProgram program(Layout layout, Mode mode, Weights weights, Block block) {
    List<double[]> directions = new ArrayList<>();
    json.path("dy").forEach(node -> directions.add(elements(ours(values(node), layout))));
    double[] all = directions.stream().flatMapToDouble(Arrays::stream).toArray();
    String prefix = json.path("param_prefix").asText();
    return new BlockProgram(
        prefix.substring(0, prefix.length() - 1), mode, input(layout), all, weights, block::apply);
  }

  private INDArray values(JsonNode node) {
    long[] shape = Goldens.longs(node.path("shape"));
    int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    String name = node.path("name").asText();
    double lo = node.path("lo").asDouble();
    double hi = node.path("hi").asDouble();
    double[] values = widened(filler.range(name, length, lo, hi));
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  private static INDArray ours(INDArray array, Layout layout) {
    return layout == Layout.NHWC && array.rank() == 4 ? array.permute(0, 3, 1, 2).dup('c') : array;
  }

  private static INDArray theirs(INDArray array, Layout layout) {
    return layout == Layout.NHWC && array.rank() == 4 ? array.permute(0, 2, 3, 1) : array;
  }

  /** Weights by the rules of the filler. */
  public static Weights weights(Filler filler) {
    return (name, shape) -> widened(filler.parameter(name, shape).orElseThrow());
  }

  /** The same numbers in double. */
  public static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  private static double[] elements(INDArray array) {
    return array.dup('c').data().asDouble();
  }

  /** All of {@code data}, or {@code idx} and {@code val}, relative to the largest element. */
  public static void assertClose(String what, INDArray actual, JsonNode golden) {
    double[] values = elements(actual);
    double scale = Arrays.stream(values).map(Math::abs).max().orElseThrow();
    double tolerance = Math.max(TOLERANCE * scale, 1e-10);
    assertThat(actual.shape()).as(what).isEqualTo(Goldens.longs(golden.path("shape")));
    if (golden.has("data")) {
      assertThat(values)
          .as(what)
          .containsExactly(Goldens.doubles(golden.path("data")), within(tolerance));
      return;
    }
    double all = tolerance * values.length;
    assertThat(Arrays.stream(values).sum())
        .as("sum of %s", what)
        .isCloseTo(golden.path("sum").asDouble(), within(all));
    assertThat(Arrays.stream(values).map(Math::abs).sum())
        .as("absolute sum of %s", what)
        .isCloseTo(golden.path("abs_sum").asDouble(), within(all));
    long[] indices = Goldens.longs(golden.path("idx"));
    for (int i = 0; i < indices.length; i++) {
      assertThat(values[(int) indices[i]])
          .as("%s[%d]", what, indices[i])
          .isCloseTo(golden.path("val").get(i).asDouble(), within(tolerance));
    }
  }

  @Override
  public String toString() {
    return id;
  }
}
