package io.elapid.worker;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** What ONNX Runtime makes of a model with one output. */
final class OnnxScores {
  private OnnxScores() {}

  static float[] of(Path model, float[] images, long... shape) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(model.toString(), options);
          OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
          OrtSession.Result result = session.run(Map.of("images", input))) {
        FloatBuffer output = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] scores = new float[output.remaining()];
        output.get(scores);
        return scores;
      }
    }
  }
}
