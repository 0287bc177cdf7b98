package io.elapid.export;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.engine.Frame;
import io.elapid.engine.NamedWeights;
import io.elapid.engine.Network;
import io.elapid.engine.Ports;
import io.elapid.engine.ShapeInference;
import io.elapid.engine.rewrite.OpGraph;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Parameters;
import io.elapid.graph.Scope;
import io.elapid.graph.Slot;
import io.elapid.op.OpRegistry;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Writes networks as ONNX models: input {@code images} (batch, 3, side, side), normalised as in
 * training. Outputs are what the network answers, before anything is chosen from it: {@code logits}
 * (batch, classes) of a classifier, {@code scores} of a segmenter, {@code scores.l} and {@code
 * boxes.l} of each level of a detector with one stage.
 */
public final class OnnxExport {
  /** Name of the input. */
  public static final String IMAGES = "images";

  /** Version of the operators. */
  public static final int OPSET = 17;

  /** Version of the file format that came with that opset. */
  private static final int IR_VERSION = 8;

  /** A protobuf message ends at 2 GiB; some of it is not weights. */
  private static final long MOST_WEIGHT_BYTES = 2_000_000_000L;

  private OnnxExport() {}

  /**
   * The deploy form of a network. Needs a backend.
   *
   * @param imageSize side of the squares that the model is for
   * @param tensors parameters and running statistics of the train form, by official name
   * @param metadata noted in the file
   * @throws InputException if the weights are not those of the network, or it cannot be exported
   */
  public static OnnxModel of(
      Network<?> network,
      int imageSize,
      Map<String, NamedTensor> tensors,
      Map<String, String> metadata) {
    Scope scope = scope();
    Ports ports = answering(network, scope, imageSize);
    return written(network.name(), scope, ports.outputs(), imageSize, tensors, metadata);
  }

  /**
   * The outputs that {@link #of(Network, int, Map, Map)} gives a network, by name and in order,
   * with the size that each picture's have. Needs no weights.
   *
   * @throws InputException if the network cannot be exported
   */
  public static Map<String, List<Long>> outputs(Network<?> network, int imageSize) {
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    answering(network, scope(), imageSize)
        .outputs()
        .forEach(
            (name, output) ->
                sizes.put(name, Arrays.stream(output.shape()).skip(1).boxed().toList()));
    return sizes;
  }

  private static Ports answering(Network<?> network, Scope scope, int imageSize) {
    Ports ports = new Ports(scope, Frame.square(1, imageSize));
    network.answer(scope, ports);
    if (ports.inputs().size() > 1) {
      throw new InputException(
          network.name() + " cannot be written as one ONNX graph: it looks twice at a picture",
          "export the weights as safetensors instead");
    }
    return ports;
  }

  private static Scope scope() {
    OpRegistry.register();
    return Scope.root(SameDiff.create(), DataType.FLOAT, Mode.DEPLOY);
  }

  private static OnnxModel written(
      String name,
      Scope scope,
      Map<String, Ports.Output> outputs,
      int imageSize,
      Map<String, NamedTensor> tensors,
      Map<String, String> metadata) {
    Set<String> wanted =
        outputs.values().stream().map(o -> o.value().name()).collect(Collectors.toSet());
    OpGraph operations = ShapeInference.of(scope.graph(), wanted);
    ParameterTable table = scope.table();
    if (table.length() * Float.BYTES > MOST_WEIGHT_BYTES) {
      throw new InputException(
          name + ": its weights do not fit into one ONNX file",
          "export them as safetensors instead");
    }
    try (Arena arena = Arena.allocate(DataType.FLOAT, table.length())) {
      Parameters weights = new Parameters(table, arena, 0);
      NamedWeights.load(name, tensors, weights);
      OnnxGraph graph = new OnnxGraph(name);
      graph.input(IMAGES, 3, imageSize, imageSize);
      for (Slot slot : table.slots()) {
        graph.weight(slot.name(), slot.shape(), weights.bytes(slot));
      }
      GraphTranslator translator = new GraphTranslator(operations, graph, Set.of(IMAGES));
      outputs.forEach(
          (output, of) ->
              graph.output(
                  output,
                  translator.value(of.value().name()),
                  Arrays.copyOfRange(of.shape(), 1, of.shape().length)));
      return new OnnxModel(model(graph, metadata));
    }
  }

  static ModelProto model(OnnxGraph graph, Map<String, String> metadata) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("elapid")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setGraph(graph.build());
    // in one order, so that the same weights give the same bytes
    new TreeMap<>(metadata)
        .forEach(
            (key, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }
}
