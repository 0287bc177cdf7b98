package io.elapid.engine;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.Batch;
import io.elapid.graph.Arena;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Parameters;
import java.nio.FloatBuffer;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Class scores of pictures by a trained network. Owns its native memory until {@link #close()};
 * belongs to the thread that made it.
 */
public final class Evaluator implements AutoCloseable {
  /** Sizes of pictures or batches that an evaluation may go through without compiling again. */
  private static final int CACHED_SHAPES = 4;

  private final Owner owner = new Owner();
  private final ImageClassifier model;
  private final int classes;
  private final Mode mode;
  private final Blueprint.Input usual;
  private final Arena weights;
  private final Parameters parameters;
  private final ProgramCache<ScoreProgram> programs;

  /**
   * Builds and compiles the network.
   *
   * @param imageSize side of the pictures to be expected; others are compiled for when they come
   * @param batchSize capacity of the batches to be expected, likewise
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
    this.mode = mode;
    this.usual = Blueprint.Input.square(batchSize, imageSize);
    Blueprint first = blueprint(usual);
    ParameterTable table = first.table();
    this.weights = Arena.allocate(DataType.FLOAT, table.length());
    this.parameters = new Parameters(table, weights, 0);
    this.programs =
        new ProgramCache<>(
            CACHED_SHAPES, input -> new ScoreProgram(blueprint(input), classes, parameters));
    programs.forShape(usual, input -> new ScoreProgram(first, classes, parameters));
  }

  private Blueprint blueprint(Blueprint.Input input) {
    return Blueprint.of(model, classes, input, DataType.FLOAT, mode);
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
   *     memory at every call with batches of one capacity and size of pictures.
   */
  public FloatBuffer logits(Batch batch) {
    return loaded(batch).run();
  }

  /** As {@link #logits(Batch)}, telling {@code observer} about every operation. */
  FloatBuffer logits(Batch batch, StepProgram.Observer observer) {
    return loaded(batch).run(observer);
  }

  private ScoreProgram loaded(Batch batch) {
    owner.check();
    if (batch.classes() != classes) {
      throw new IllegalArgumentException(
          "a batch of %d classes for an evaluator of %d".formatted(batch.classes(), classes));
    }
    ScoreProgram program =
        programs.forShape(Blueprint.Input.square(batch.capacity(), batch.imageSize()));
    program.load(batch.images());
    return program;
  }

  /** The weights in use. */
  Parameters parameters() {
    return parameters;
  }

  /** The compiled pass for the expected batches, for profiles. */
  StepProgram program() {
    return programs.forShape(usual).program();
  }

  /** Where the memory of this evaluator goes. */
  MemoryUse memory() {
    return programs.forShape(usual).memory(weights.bytes());
  }

  @Override
  public void close() {
    programs.close();
    weights.close();
  }
}
