package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.DownstreamGolden;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.RoiPooling.Alignment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Ops of detectors and segmenters, outputs and gradients, against values of the official code. */
@Tag("backend")
class DenseGoldenTest {
  /** Numbers of one kind of case that are not in this class. */
  private static final Set<String> ELSEWHERE = Set.of("acc_seg");

  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  /** A case in the making: a graph of one type. */
  private static final class Run {
    private final DownstreamGolden golden;
    private final JsonNode json;
    private final DataType type;
    private final GoldenGraph graph;

    Run(Case golden, DataType type) {
      this.golden = golden.golden();
      this.json = golden.json();
      this.type = type;
      this.graph = new GoldenGraph(type);
    }

    SameDiff graph() {
      return graph.graph();
    }

    JsonNode parameter(String name) {
      return json.path("params").path(name);
    }

    double number(String name, double otherwise) {
      return parameter(name).asDouble(otherwise);
    }

    long[] shape(String input) {
      JsonNode shape = json.path("inputs").path(input).path("shape");
      long[] sizes = new long[shape.size()];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = shape.get(i).asLong();
      }
      return sizes;
    }

    float[] floats(String input) {
      JsonNode tensor = json.path("inputs").path(input);
      if (tensor.path("dtype").asText().equals("i32")) {
        int[] whole = golden.ints(tensor);
        float[] values = new float[whole.length];
        for (int i = 0; i < whole.length; i++) {
          values[i] = whole[i];
        }
        return values;
      }
      return golden.floats(tensor);
    }

    /** A variable with a gradient. */
    SDVariable variable(String input) {
      return variable(input, shape(input));
    }

    SDVariable variable(String input, long... shape) {
      float[] values = floats(input);
      if (input.equals("logits")) {
        double scale = number("logit_scale", 1);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (scale * values[i]);
        }
      }
      return graph.input(input, values, shape);
    }

    SDVariable constant(String input) {
      return constant(input, shape(input));
    }

    SDVariable constant(String input, long... shape) {
      return graph().constant(input, GoldenGraph.array(type, floats(input), shape));
    }

    SDVariable ones(String name, long... shape) {
      return graph().constant(name, Nd4j.ones(type, shape));
    }

    /** The divisor of a loss: the file's, or else a number that belongs to the reduction. */
    SDVariable divisor(double otherwise) {
      return graph().constant("divisor", Nd4j.scalar(number("avg_factor", otherwise)).castTo(type));
    }

    void checkModule(SDVariable y, String... inputs) {
      if (json.path("inputs").has("grad_out")) {
        graph.backward(y, floats("grad_out"));
      }
      check("y", graph.value(y));
      for (String input : inputs) {
        check("grad_" + input, graph.gradient(input));
      }
    }

    void checkLoss(SDVariable loss, String input) {
      graph.backward(loss, new float[] {1});
      check("loss", graph.value(loss));
      check("grad", graph.gradient(input));
    }

    void check(String output, INDArray actual) {
      JsonNode expected = json.path("outputs").path(output);
      assertThat(expected.isMissingNode()).as("the file's %s", output).isFalse();
      float[] values = golden.floats(expected);
      double[] computed = actual.castTo(DataType.DOUBLE).dup('c').reshape(-1).toDoubleVector();
      assertThat(computed).hasSameSizeAs(values);
      double tolerance = json.path("tol").asDouble(0);
      for (int i = 0; i < values.length; i++) {
        assertThat(computed[i])
            .as("%s[%d]", output, i)
            .isCloseTo(values[i], Offset.offset(tolerance * Math.max(1, Math.abs(values[i]))));
      }
    }
  }

  private record Case(DownstreamGolden golden, JsonNode json) {}

  static List<Named<Case>> cases() {
    List<Named<Case>> cases = new ArrayList<>();
    for (String family : List.of("roi_align", "resize", "losses")) {
      for (DownstreamGolden golden : DownstreamGolden.family(family)) {
        for (JsonNode json : golden.index().get("cases")) {
          if (!ELSEWHERE.contains(json.get("op").asText())) {
            cases.add(Named.of(json.get("name").asText(), new Case(golden, json)));
          }
        }
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAndGradientsAreTheOfficialOnes(Case golden) {
    for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
      Run run = new Run(golden, type);
      String op = golden.json().get("op").asText();
      switch (op) {
        case "roi_align" -> roiAlign(run);
        case "roi_extract" -> roiExtract(run);
        case "bilinear" ->
            resample(
                run,
                run.parameter("align_corners").asBoolean()
                    ? Resampling.LINEAR_CORNERS
                    : Resampling.LINEAR);
        case "nearest" -> resample(run, Resampling.NEAREST);
        case "adaptive_avg_pool" -> resample(run, Resampling.MEAN);
        case "max_pool_k1_s2" -> everySecond(run);
        case "conv_transpose2d" -> transposed(run);
        case "layernorm_channels_nchw" -> layerNorm(run);
        case "sigmoid_focal" -> focal(run);
        case "l1", "smooth_l1" -> differences(run);
        case "bce_logits" -> binary(run);
        case "mask_bce" -> mask(run);
        case "softmax_ce" -> crossEntropy(run);
        case "seg_ce" -> segmentation(run);
        default -> throw new IllegalArgumentException(op);
      }
    }
  }

  private static RoiPooling pooling(Run run, double stride, double finestScale) {
    return new RoiPooling(
        run.parameter("output_size").get(0).asInt(),
        run.parameter("output_size").get(1).asInt(),
        run.parameter("sampling_ratio").asInt(),
        run.parameter("aligned").asBoolean() ? Alignment.ALIGNED : Alignment.UNALIGNED,
        stride,
        finestScale);
  }

  private static void roiAlign(Run run) {
    RoiPooling pooling = pooling(run, 1 / run.number("spatial_scale", 1), 56);
    SDVariable features = run.variable("features");
    run.checkModule(
        RoiAlign.apply(run.graph(), List.of(features), run.constant("rois"), pooling), "features");
  }

  private static void roiExtract(Run run) {
    JsonNode strides = run.parameter("strides");
    RoiPooling pooling =
        pooling(run, strides.get(0).asDouble(), run.parameter("finest_scale").asDouble());
    List<SDVariable> levels = new ArrayList<>();
    String[] names = new String[strides.size()];
    for (int i = 0; i < names.length; i++) {
      assertThat(strides.get(i).asInt()).isEqualTo(strides.get(0).asInt() << i);
      names[i] = "input." + i;
      levels.add(run.variable(names[i]));
    }
    run.checkModule(RoiAlign.apply(run.graph(), levels, run.constant("rois"), pooling), names);
    int[] expected = run.golden.ints(run.json.at("/outputs/levels"));
    float[] rois = run.floats("rois");
    for (int i = 0; i < expected.length; i++) {
      int at = 5 * i;
      Roi roi = new Roi(0, rois[at + 1], rois[at + 2], rois[at + 3], rois[at + 4]);
      assertThat(pooling.level(roi, names.length)).isEqualTo(expected[i]);
    }
  }

  private static void resample(Run run, Resampling rule) {
    JsonNode size = run.parameter("size");
    SDVariable y =
        Resample.apply(
            run.graph(), run.variable("x"), rule, size.get(0).asLong(), size.get(1).asLong());
    run.checkModule(y, "x");
  }

  private static void everySecond(Run run) {
    long[] x = run.shape("x");
    run.checkModule(Resample.everySecond(run.graph(), run.variable("x"), x[2], x[3]));
  }

  /** Kernel and stride are 2, so it is a pointwise map to the pixels of 2x2 neighbourhoods. */
  private static void transposed(Run run) {
    SameDiff graph = run.graph();
    long[] w = run.shape("weight");
    SDVariable taps = graph.permute(run.variable("weight"), 3, 2, 1, 0);
    SDVariable bias = graph.reshape(run.variable("bias"), 1, w[1]);
    SDVariable biases = ChannelConcat.apply(graph, Collections.nCopies(4, bias));
    SDVariable quarters =
        Conv2d.apply(
            graph,
            run.variable("x"),
            graph.reshape(taps, 4 * w[1], w[0], 1, 1),
            graph.reshape(biases, 4 * w[1]),
            ConvSettings.of(1, 0));
    run.checkModule(PatchScatter.apply(graph, quarters), "x", "weight", "bias");
  }

  private static void layerNorm(Run run) {
    SDVariable y =
        LayerNorm2d.apply(
            run.graph(), run.variable("x"), run.variable("weight"), run.variable("bias"));
    assertThat(run.number("eps", 0)).isEqualTo(1e-5);
    run.checkModule(y, "x", "weight", "bias");
  }

  private static void focal(Run run) {
    double alpha = run.number("alpha", 0);
    double gamma = run.number("gamma", 0);
    if (run.parameter("reduction").asText().equals("none")) {
      single(run, alpha, gamma);
      return;
    }
    long[] shape = run.shape("logits");
    assertThat(run.parameter("background_label").asLong()).isEqualTo(shape[1]);
    SDVariable loss =
        FocalLoss.weighted(
            run.graph(),
            run.variable("logits"),
            run.constant("labels"),
            run.constant("weight"),
            run.divisor((double) ElapidOp.elements(shape)),
            alpha,
            gamma);
    run.checkLoss(loss, "logits");
  }

  /** Every element as a loss of its own: one class, which is the label's or not. */
  private static void single(Run run, double alpha, double gamma) {
    long[] shape = run.shape("logits");
    int classes = (int) shape[1];
    float[] labels = run.floats("labels");
    SDVariable logits = run.variable("logits", ElapidOp.elements(shape), 1);
    double[] losses = new double[labels.length * classes];
    INDArray values = run.graph.value(logits);
    for (int i = 0; i < losses.length; i++) {
      GoldenGraph one = new GoldenGraph(run.type);
      float logit = values.getFloat(i);
      float label = labels[i / classes] == i % classes ? 0 : 1;
      SDVariable loss =
          FocalLoss.apply(
              one.graph(),
              one.input("logit", new float[] {logit}, 1, 1),
              one.graph().constant("label", GoldenGraph.array(run.type, new float[] {label}, 1)),
              one.graph().constant("divisor", Nd4j.scalar(1.0).castTo(run.type)),
              alpha,
              gamma);
      losses[i] = one.value(loss).getDouble(0);
    }
    run.check("loss", Nd4j.createFromArray(losses));
  }

  private static void differences(Run run) {
    long[] shape = run.shape("pred");
    SDVariable weights =
        run.json.path("inputs").has("weight") ? run.constant("weight") : run.ones("weight", shape);
    SDVariable loss =
        SmoothL1Loss.apply(
            run.graph(),
            run.variable("pred"),
            run.constant("target"),
            weights,
            run.divisor(1),
            run.number("beta", 0));
    run.checkLoss(loss, "pred");
  }

  private static void binary(Run run) {
    SDVariable loss =
        BinaryCrossEntropy.apply(
            run.graph(),
            run.variable("logits"),
            run.constant("target", run.shape("logits")),
            run.constant("weight"),
            run.divisor(1));
    run.checkLoss(loss, "logits");
  }

  private static void mask(Run run) {
    long[] logits = run.shape("logits");
    long[] target = {logits[0], 1, logits[2], logits[3]};
    SDVariable own =
        ClassSelect.apply(run.graph(), run.variable("logits"), run.constant("labels"), logits[1]);
    SDVariable loss =
        BinaryCrossEntropy.apply(
            run.graph(),
            own,
            run.constant("target", target),
            run.ones("weight", target),
            run.divisor((double) ElapidOp.elements(target)));
    run.checkLoss(loss, "logits");
  }

  private static void crossEntropy(Run run) {
    SDVariable loss =
        LabelCrossEntropy.weighted(
            run.graph(),
            run.variable("logits"),
            run.constant("labels"),
            run.constant("weight"),
            run.divisor(1),
            -1);
    run.checkLoss(loss, "logits");
  }

  private static void segmentation(Run run) {
    int ignored = run.parameter("ignore_index").asInt();
    float[] labels = run.floats("labels");
    int counted = 0;
    for (float label : labels) {
      counted += label == ignored ? 0 : 1;
    }
    boolean all = !run.parameter("avg_non_ignore").asBoolean();
    SDVariable loss =
        LabelCrossEntropy.apply(
            run.graph(),
            run.variable("logits"),
            run.constant("labels"),
            run.divisor(all ? labels.length : counted),
            ignored);
    run.checkLoss(loss, "logits");
  }
}
