package io.elapid.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
import io.elapid.engine.Classifier;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.golden.Filler;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every network as an ONNX model in ONNX Runtime against our own float32 scores, weights and
 * statistics of batch norms being far from trivial; small pictures, or with {@code
 * -Delapid.onnx.published=true} those of the published sizes.
 */
@Tag("backend")
class OnnxExportTest {
  private static final int CLASSES = 1000;
  private static final double TOLERANCE = 1e-4;
  private static final Filler FILLER = new Filler(11);

  /** Operators of opset 17 that run once and in order. */
  private static final Set<String> STANDARD =
      Set.of(
          "Add",
          "AveragePool",
          "BatchNormalization",
          "Concat",
          "Conv",
          "ConvTranspose",
          "Div",
          "Erf",
          "Exp",
          "Gather",
          "Gemm",
          "Identity",
          "MatMul",
          "Mul",
          "Neg",
          "Pad",
          "ReduceMean",
          "Relu",
          "Reshape",
          "Resize",
          "Sigmoid",
          "Slice",
          "Softmax",
          "Softplus",
          "Split",
          "Sqrt",
          "Sub",
          "Sum",
          "Transpose");

  static List<String> networks() {
    return Models.names().stream().filter(name -> Models.facts(name).isPresent()).toList();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void scoresAreOursForAnyBatch(String name) throws IOException {
    Backbone network = Models.byName(name);
    int side = Boolean.getBoolean("elapid.onnx.published") ? network.imageSize() : small(name);
    Map<String, NamedTensor> weights = weights(network);
    OnnxModel model =
        OnnxExport.of(new Classifier(network, CLASSES), side, weights, Map.of("model", name));
    assertValid(ModelProto.parseFrom(OnnxRun.bytes(model)), network, side);
    float[] images = FILLER.input("input", 2 * 3 * side * side);
    float[] ours = ours(network, side, weights, images);
    try (OnnxRun run = new OnnxRun(model)) {
      double both = difference(run.logits(images, 2, 3, side, side), ours);
      float[] first = Arrays.copyOf(images, images.length / 2);
      double alone = difference(run.logits(first, 1, 3, side, side), Arrays.copyOf(ours, CLASSES));
      System.out.printf(
          "onnx: %s at %d: %d nodes, %.1f MB, difference %.1e and %.1e of the largest score%n",
          name, side, model.nodes(), model.bytes() / 1e6, both, alone);
      assertThat(both).isLessThan(TOLERANCE);
      assertThat(alone).isLessThan(TOLERANCE);
    }
  }

  /** Sizes that are odd somewhere on the way, where the family takes them. */
  private static int small(String name) {
    return switch (name.substring(0, name.indexOf('_'))) {
      case "mobilemamba" -> 80;
      case "efficientvmamba" -> 72;
      default -> 64;
    };
  }

  private static Map<String, NamedTensor> weights(Backbone network) {
    ParameterTable table = network.tensors(Mode.TRAIN, CLASSES);
    return FilledWeights.of(table, FILLER);
  }

  private static float[] ours(
      Backbone network, int side, Map<String, NamedTensor> weights, float[] images) {
    ByteBuffer pixels =
        ByteBuffer.allocateDirect(images.length * Float.BYTES).order(ByteOrder.nativeOrder());
    pixels.asFloatBuffer().put(images);
    ByteBuffer targets = ByteBuffer.allocateDirect(2 * CLASSES * Float.BYTES);
    Batch batch =
        new Batch(pixels, targets, new int[2], List.of("a", "b"), new long[2], 2, 2, side, CLASSES);
    Classifier classifier = new Classifier(network, CLASSES);
    try (Evaluator<Batch> evaluator =
        new Evaluator<>(classifier, Frame.square(2, side), Mode.DEPLOY, weights, 1)) {
      FloatBuffer logits = evaluator.answers(batch).floats(Classifier.LOGITS);
      float[] scores = new float[2 * CLASSES];
      logits.get(0, scores);
      return scores;
    }
  }

  /** Relative to the largest score. */
  private static double difference(float[] theirs, float[] ours) {
    assertThat(theirs).hasSameSizeAs(ours);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < ours.length; i++) {
      assertThat(theirs[i]).isFinite();
      largest = Math.max(largest, Math.abs(ours[i]));
      difference = Math.max(difference, Math.abs(theirs[i] - ours[i]));
    }
    assertThat(largest).isGreaterThan(0.01);
    return difference / largest;
  }

  /** What a checker asks: known operators, unique names, producers first, an open batch. */
  private static void assertValid(ModelProto model, Backbone network, int side) {
    assertThat(model.getOpsetImportList())
        .singleElement()
        .satisfies(
            opset -> {
              assertThat(opset.getDomain()).isEmpty();
              assertThat(opset.getVersion()).isEqualTo(17);
            });
    GraphProto graph = model.getGraph();
    Set<String> known = new HashSet<>(Set.of(""));
    Set<String> nodes = new HashSet<>();
    graph.getInputList().forEach(input -> assertThat(known.add(input.getName())).isTrue());
    for (TensorProto tensor : graph.getInitializerList()) {
      assertThat(known.add(tensor.getName())).as(tensor.getName()).isTrue();
    }
    for (NodeProto node : graph.getNodeList()) {
      assertThat(STANDARD).contains(node.getOpType());
      assertThat(node.getDomain()).isEmpty();
      assertThat(nodes.add(node.getName())).as(node.getName()).isTrue();
      assertThat(known).as(node.getName()).containsAll(node.getInputList());
      node.getOutputList().forEach(output -> assertThat(known.add(output)).as(output).isTrue());
    }
    var images = graph.getInput(0).getType().getTensorType().getShape();
    assertThat(images.getDim(0).getDimParam()).isEqualTo("batch");
    assertThat(images.getDim(2).getDimValue()).isEqualTo(side);
    Set<String> deployed = new HashSet<>();
    network.tensors(Mode.DEPLOY, CLASSES).slots().forEach(slot -> deployed.add(slot.name()));
    assertThat(graph.getInitializerList().stream().map(TensorProto::getName)).containsAll(deployed);
  }

  @Test
  void weightsOfAnotherNetworkAreRefused() {
    Map<String, NamedTensor> weights = weights(Models.byName("mobilemamba_t2"));
    assertThatThrownBy(
            () ->
                OnnxExport.of(
                    new Classifier(Models.byName("efficientvim_nano"), CLASSES),
                    64,
                    weights,
                    Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("efficientvim_nano");
  }
}
