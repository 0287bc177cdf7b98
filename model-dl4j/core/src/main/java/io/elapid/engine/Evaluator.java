package io.elapid.engine;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Parameters;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Answers of a trained network. Owns its native memory until {@link #close()}; belongs to the
 * thread that made it.
 *
 * @param <B> batches that it answers
 */
public final class Evaluator<B extends ImageBatch> implements AutoCloseable {
  /** Frames that an evaluation may go through without compiling again. */
  private static final int CACHED_FRAMES = 16;

  private final Owner owner = new Owner();
  private final Network<B> network;
  private final Frame usual;
  private final Arena weights;
  private final Parameters parameters;
  private final ProgramCache<AnswerProgram<B>> programs;
  private final WorkingMemory working;

  /**
   * Builds and compiles the network.
   *
   * @param usual frame to be expected; others are compiled for when they come
   * @param mode EVAL or DEPLOY
   * @param tensors parameters and running statistics of the train form, by official name
   * @param threads threads that kernels and native operations may use
   * @throws io.elapid.data.InputException if the weights are not those of the network
   */
  public Evaluator(
      Network<B> network, Frame usual, Mode mode, Map<String, NamedTensor> tensors, int threads) {
    this(network, usual, mode, tensors, new Limits(threads, CACHED_FRAMES));
  }

  /** As the other, within limits of the caller's own. */
  public Evaluator(
      Network<B> network, Frame usual, Mode mode, Map<String, NamedTensor> tensors, Limits limits) {
    this(network, usual, mode, limits);
    try {
      load(tensors);
    } catch (RuntimeException e) {
      // nobody else can: memory that a device reaches is not collected as garbage
      close();
      throw e;
    }
  }

  /**
   * What it may take.
   *
   * @param threads that kernels and native operations may use
   * @param frames that it stays compiled for; each holds its inputs and outputs
   */
  public record Limits(int threads, int frames) {
    /** Checks the ranges. */
    public Limits {
      if (threads < 1 || frames < 1) {
        throw new IllegalArgumentException("%d threads, %d frames".formatted(threads, frames));
      }
    }
  }

  /** With weights of zero. */
  Evaluator(Network<B> network, Frame usual, Mode mode, int threads) {
    this(network, usual, mode, new Limits(threads, CACHED_FRAMES));
  }

  private Evaluator(Network<B> network, Frame usual, Mode mode, Limits limits) {
    if (mode == Mode.TRAIN) {
      throw new IllegalArgumentException("answers depend on the rest of the batch in mode TRAIN");
    }
    ThreadBudget.use(limits.threads());
    this.network = network;
    this.usual = usual;
    Blueprint first = Blueprint.answering(network, usual, DataType.FLOAT, mode);
    ParameterTable table = first.table();
    try (Takings takings = new Takings()) {
      this.weights = takings.add(EngineMemory.take(DataType.FLOAT, table.length()), Arena::close);
      this.parameters = new Parameters(table, weights, 0);
      this.programs =
          new ProgramCache<>(
              limits.frames(),
              frame -> {
                Blueprint other = Blueprint.answering(network, frame, DataType.FLOAT, mode);
                return program(other);
              });
      this.working = takings.add(new WorkingMemory(programs::clear), WorkingMemory::close);
      programs.forShape(usual, frame -> program(first));
      takings.keep();
    }
  }

  private AnswerProgram<B> program(Blueprint blueprint) {
    return new AnswerProgram<>(network, blueprint, parameters, working);
  }

  /**
   * Takes other weights of the same network.
   *
   * @throws io.elapid.data.InputException if they are not
   */
  public void load(Map<String, NamedTensor> tensors) {
    NamedWeights.load(network.name(), tensors, parameters);
  }

  /**
   * Answers to a batch, which may be partly filled.
   *
   * @return the network's outputs by name; rows from the batch's size on mean nothing. The same
   *     memory at every call with batches of one frame.
   */
  public Buffers answers(B batch) {
    return loaded(batch).run();
  }

  /** As {@link #answers(ImageBatch)}, telling {@code observer} about every operation. */
  Buffers answers(B batch, StepProgram.Observer observer) {
    return loaded(batch).run(observer);
  }

  private AnswerProgram<B> loaded(B batch) {
    owner.check();
    AnswerProgram<B> program = programs.forShape(Frame.of(batch));
    program.load(batch);
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
    working.close();
    weights.close();
  }
}
