package io.elapid.engine;

import io.elapid.graph.Arena;
import io.elapid.graph.Parameters;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Forward pass of a classifier for pictures of one size. */
final class ScoreProgram implements AutoCloseable {
  private final Arena images;
  private final Arena scores;
  private final StepProgram program;

  /**
   * Compiles the pass.
   *
   * @param parameters read at every run; owned by the caller
   */
  ScoreProgram(Blueprint blueprint, int classes, Parameters parameters) {
    long[] shape = blueprint.inputShape();
    this.images = Arena.allocate(DataType.FLOAT, shape[0] * shape[1] * shape[2] * shape[3]);
    this.scores = Arena.allocate(DataType.FLOAT, (long) blueprint.batch() * classes);
    Map<String, INDArray> inputs = new HashMap<>(parameters.arrays());
    inputs.put(Blueprint.IMAGES, images.view(0, shape));
    Map<String, INDArray> results =
        Map.of(blueprint.logits().name(), scores.view(0, blueprint.batch(), classes));
    this.program =
        StepProgram.compile(new ProgramSpec(blueprint.graph(), inputs, results, Set.of()));
  }

  /**
   * Scores of these pictures.
   *
   * @return (batch, classes), row by row; the same memory at every call
   */
  FloatBuffer scores(ByteBuffer pixels) {
    images.buffer().put(pixels.duplicate().clear());
    program.run();
    return scores.buffer().asFloatBuffer().asReadOnlyBuffer();
  }

  StepProgram program() {
    return program;
  }

  @Override
  public void close() {
    program.close();
    scores.close();
    images.close();
  }
}
