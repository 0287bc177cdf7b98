package io.elapid.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.elapid.engine.ShapeInference;
import io.elapid.engine.rewrite.OpGraph;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.ModelProto;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** ONNX models in ONNX Runtime. */
public final class OnnxRun implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  OnnxRun(OnnxModel model) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = environment.createSession(bytes(model), options);
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] bytes(OnnxModel model) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      model.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Class scores, row by row. */
  float[] logits(float[] images, long... shape) {
    try (OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
        OrtSession.Result result = session.run(Map.of(OnnxExport.IMAGES, input))) {
      return floats((OnnxTensor) result.get(0));
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
  }

  /** All outputs by name. */
  Map<String, float[]> all(float[] images, long... shape) {
    try (OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
        OrtSession.Result result = session.run(Map.of(OnnxExport.IMAGES, input))) {
      Map<String, float[]> all = new LinkedHashMap<>();
      result.forEach(each -> all.put(each.getKey(), floats((OnnxTensor) each.getValue())));
      return all;
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
  }

  private static float[] floats(OnnxTensor tensor) {
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  /** What {@code wanted} are for those placeholders, which become constants of the model. */
  public static List<float[]> outputs(
      SameDiff forward, List<String> wanted, Map<String, INDArray> values) {
    OnnxGraph graph = new OnnxGraph("operations");
    values.forEach(
        (name, array) -> {
          float[] elements = array.ravel().toFloatVector();
          ByteBuffer bytes =
              ByteBuffer.allocate(elements.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(elements);
          graph.weight(name, array.shape(), bytes);
        });
    OpGraph operations = ShapeInference.of(forward, Set.copyOf(wanted));
    GraphTranslator translator = new GraphTranslator(operations, graph, Set.of());
    for (int i = 0; i < wanted.size(); i++) {
      long[] shape = operations.variable(wanted.get(i)).shape();
      graph.output(
          "result_" + i,
          translator.value(wanted.get(i)),
          Arrays.copyOfRange(shape, 1, shape.length));
    }
    ModelProto model = OnnxExport.model(graph, Map.of());
    List<float[]> outputs = new ArrayList<>();
    try (OnnxRun run = new OnnxRun(new OnnxModel(model));
        OrtSession.Result result = run.session.run(Map.of())) {
      for (int i = 0; i < wanted.size(); i++) {
        outputs.add(floats((OnnxTensor) result.get(i)));
      }
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
    return outputs;
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
  }
}
