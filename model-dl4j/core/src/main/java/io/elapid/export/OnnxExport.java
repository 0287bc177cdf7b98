package io.elapid.export;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.engine.NamedWeights;
import io.elapid.engine.ShapeInference;
import io.elapid.engine.rewrite.OpGraph;
import io.elapid.graph.Arena;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Parameters;
import io.elapid.graph.Scope;
import io.elapid.graph.Slot;
import io.elapid.op.OpRegistry;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Writes classifiers as ONNX models: input {@code images} (batch, 3, side, side), normalised as in
 * training; output {@code logits} (batch, classes).
 */
public final class OnnxExport {
  /** Name of the input. */
  public static final String IMAGES = "images";

  /** Name of the output. */
  public static final String LOGITS = "logits";

  /** Version of the operators. */
  public static final int OPSET = 17;

  /** Version of the file format that came with that opset. */
  private static final int IR_VERSION = 8;

  /** A protobuf message ends at 2 GiB; some of it is not weights. */
  private static final long MOST_WEIGHT_BYTES = 2_000_000_000L;

  private OnnxExport() {}

  /**
   * The deploy form of a classifier. Needs a backend.
   *
   * @param imageSize side of the pictures that the model is for
   * @param tensors parameters and running statistics of the train form, by official name
   * @param metadata noted in the file
   * @throws InputException if the weights are not those of the network, or it cannot be exported
   */
  public static OnnxModel of(
      ImageClassifier network,
      int classes,
      int imageSize,
      Map<String, NamedTensor> tensors,
      Map<String, String> metadata) {
    OpRegistry.register();
    Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, Mode.DEPLOY);
    SDVariable images =
        scope.graph().placeHolder(IMAGES, DataType.FLOAT, 1, 3, imageSize, imageSize);
    SDVariable logits = network.scores(scope, images, classes).logits();
    OpGraph operations = ShapeInference.of(scope.graph(), Set.of(logits.name()));
    ParameterTable table = scope.table();
    if (table.length() * Float.BYTES > MOST_WEIGHT_BYTES) {
      throw new InputException(
          network.name() + ": its weights do not fit into one ONNX file",
          "export them as safetensors instead");
    }
    try (Arena arena = Arena.allocate(DataType.FLOAT, table.length())) {
      Parameters weights = new Parameters(table, arena, 0);
      NamedWeights.load(network.name(), tensors, weights);
      OnnxGraph graph = new OnnxGraph(network.name());
      graph.input(IMAGES, 3, imageSize, imageSize);
      for (Slot slot : table.slots()) {
        graph.weight(slot.name(), slot.shape(), weights.bytes(slot));
      }
      GraphTranslator translator = new GraphTranslator(operations, graph, Set.of(IMAGES));
      graph.output(LOGITS, translator.value(logits.name()), classes);
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
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }
}
