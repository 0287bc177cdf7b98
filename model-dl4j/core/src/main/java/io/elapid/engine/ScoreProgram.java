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
        StepProgram.compile(
            new ProgramSpec(blueprint.graph(), inputs, results, Set.of(), blueprint.rewrites()));
  }

  /** Takes pictures, float32. */
  void load(ByteBuffer pixels) {
    images.buffer().put(pixels.duplicate().clear());
  }

  /**
   * Scores of the pictures taken last.
   *
   * @return (batch, classes), row by row; the same memory at every call
   */
  FloatBuffer run() {
    program.run();
    return scores();
  }

  /** As {@link #run()}, telling {@code observer} about every operation. */
  FloatBuffer run(StepProgram.Observer observer) {
    program.run(observer);
    return scores();
  }

  private FloatBuffer scores() {
    return scores.buffer().asFloatBuffer().asReadOnlyBuffer();
  }

  /** What the pass takes beside {@code state} bytes of weights. */
  MemoryUse memory(long state) {
    return new MemoryUse(
        state, 0, images.bytes() + scores.bytes(), program.arenaBytes(), program.unsharedBytes());
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
