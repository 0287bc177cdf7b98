package io.elapid.engine;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.Batch;
import io.elapid.graph.Arena;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Class scores of pictures by a trained network. Owns its native memory until {@link #close()};
 * belongs to the thread that made it.
 */
public final class Evaluator implements AutoCloseable {
  private final Owner owner = new Owner();
  private final ImageClassifier model;
  private final int classes;
  private final int imageSize;
  private final int batchSize;
  private final Arena weights;
  private final Arena images;
  private final Parameters parameters;
  private final StepProgram program;
  private final Arena scores;

  /**
   * Builds and compiles the network.
   *
   * @param mode EVAL or DEPLOY
   * @param tensors parameters and running statistics of the train form, by official name
   * @param threads threads that kernels and native operations may use
   * @throws io.elapid.data.InputException if the weights are not those of the model
   */
  public Evaluator(
      ImageClassifier model,
      int classes,
      int imageSize,
      int batchSize,
      Mode mode,
      Map<String, NamedTensor> tensors,
      int threads) {
    this(model, classes, imageSize, batchSize, mode, threads);
    load(tensors);
  }

  /** With weights of zero. */
  Evaluator(
      ImageClassifier model, int classes, int imageSize, int batchSize, Mode mode, int threads) {
    if (mode == Mode.TRAIN) {
      throw new IllegalArgumentException("scores depend on the rest of the batch in mode TRAIN");
    }
    ThreadBudget.use(threads);
    this.model = model;
    this.classes = classes;
    this.imageSize = imageSize;
    this.batchSize = batchSize;
    Blueprint blueprint =
        Blueprint.of(
            model, classes, Blueprint.Input.square(batchSize, imageSize), DataType.FLOAT, mode);
    this.weights = Arena.allocate(DataType.FLOAT, blueprint.table().length());
    this.parameters = new Parameters(blueprint.table(), weights, 0);
    this.images = Arena.allocate(DataType.FLOAT, 3L * batchSize * imageSize * imageSize);
    Map<String, INDArray> inputs = new HashMap<>(parameters.arrays());
    inputs.put(Blueprint.IMAGES, images.view(0, blueprint.inputShape()));
    this.scores = Arena.allocate(DataType.FLOAT, (long) batchSize * classes);
    Map<String, INDArray> results =
        Map.of(blueprint.logits().name(), scores.view(0, batchSize, classes));
    this.program =
        StepProgram.compile(new ProgramSpec(blueprint.graph(), inputs, results, Set.of()));
  }

  /**
   * Takes other weights of the same network.
   *
   * @throws io.elapid.data.InputException if they are not
   */
  public void load(Map<String, NamedTensor> tensors) {
    NamedWeights.load(model.name(), tensors, parameters);
  }

  /**
   * Scores of a batch, which may be partly filled.
   *
   * @return (capacity, classes), row by row; rows from the batch's size on mean nothing. The same
   *     memory at every call.
   */
  public FloatBuffer logits(Batch batch) {
    loadImages(batch);
    program.run();
    return scores.buffer().asFloatBuffer().asReadOnlyBuffer();
  }

  /** As {@link #logits(Batch)}, telling {@code observer} about every operation. */
  FloatBuffer logits(Batch batch, StepProgram.Observer observer) {
    loadImages(batch);
    program.run(observer);
    return scores.buffer().asFloatBuffer().asReadOnlyBuffer();
  }

  private void loadImages(Batch batch) {
    owner.check();
    if (batch.capacity() != batchSize
        || batch.imageSize() != imageSize
        || batch.classes() != classes) {
      throw new IllegalArgumentException(
          "a batch of capacity %d, side %d, %d classes for an evaluator of %d, %d, %d"
              .formatted(
                  batch.capacity(),
                  batch.imageSize(),
                  batch.classes(),
                  batchSize,
                  imageSize,
                  classes));
    }
    images.buffer().put(batch.images().duplicate().clear());
  }

  /** The weights in use. */
  Parameters parameters() {
    return parameters;
  }

  /** The compiled pass, for profiles. */
  StepProgram program() {
    return program;
  }

  /** Where the memory of this evaluator goes. */
  MemoryUse memory() {
    return new MemoryUse(
        weights.bytes(),
        0,
        images.bytes() + scores.bytes(),
        program.arenaBytes(),
        program.unsharedBytes());
  }

  @Override
  public void close() {
    program.close();
    scores.close();
    images.close();
    weights.close();
  }
}
