package io.elapid.engine;

import io.elapid.engine.rewrite.OpNode;
import io.elapid.graph.Arena;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Condition;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * A SameDiff graph compiled for fixed shapes: a list of operations bound to fixed memory.
 *
 * <p>{@link #run()} reads the input arrays, executes every operation in order and leaves the
 * results where the {@link ProgramSpec} wants them. Nothing is allocated per run. The arrays given
 * in the specification belong to the caller, the arena of intermediate results to the program.
 * Belongs to the thread that uses ND4J.
 *
 * <p>With {@code -Delapid.engine.debug=true} every output is checked after its operation, and the
 * first one that holds a NaN or an infinity is named.
 */
public final class StepProgram implements AutoCloseable {
  private static final String DEBUG = "elapid.engine.debug";

  /** An operation with its memory. */
  record Step(OpNode node, OpContext context, INDArray[] inputs, INDArray[] outputs) {}

  /** Is told how long each operation took. */
  @FunctionalInterface
  public interface Observer {
    /**
     * Called after an operation.
     *
     * @param kind name of the operation's kind, such as {@code conv2d}
     * @param name name of this instance in the graph
     * @param nanos duration of the call, overhead included
     */
    void executed(String kind, String name, long nanos);
  }

  private final List<Step> steps;
  private final Map<String, INDArray> kept;
  private final Map<String, Integer> writes;
  private final Arena arena;
  private final long computedElements;
  private final boolean debug = Boolean.getBoolean(DEBUG);

  StepProgram(
      List<Step> steps,
      Map<String, INDArray> kept,
      Map<String, Integer> writes,
      Arena arena,
      long computedElements) {
    this.steps = steps;
    this.kept = kept;
    this.writes = writes;
    this.arena = arena;
    this.computedElements = computedElements;
  }

  /**
   * Orders the operations, drops those that no result needs, settles shapes and memory.
   *
   * @throws IllegalArgumentException if shapes do not fit; the message names the operation
   */
  public static StepProgram compile(ProgramSpec spec) {
    return compile(spec, Arena::allocate);
  }

  /** With an arena from elsewhere; over a {@linkplain Arena#planned planned} one it cannot run. */
  static StepProgram compile(ProgramSpec spec, Arena.Source arenas) {
    return new ProgramCompiler(spec, arenas).compile();
  }

  /** Executes every operation once. */
  public void run() {
    run((int step) -> {});
  }

  /**
   * As {@link #run()}, telling {@code done} after each step its number; what {@link
   * #lastWrite(String)} says of a result tells when it is final.
   */
  public void run(IntConsumer done) {
    for (int i = 0; i < steps.size(); i++) {
      execute(steps.get(i));
      if (debug) {
        requireFinite(steps.get(i));
      }
      done.accept(i);
    }
  }

  /** Number of the step that writes a result of the specification; -1 if none needs to. */
  public int lastWrite(String result) {
    Integer step = writes.get(result);
    if (step == null) {
      throw new IllegalArgumentException("the program has no result " + result);
    }
    return step;
  }

  /** As {@link #run()}, telling {@code observer} about every operation. */
  public void run(Observer observer) {
    for (Step step : steps) {
      long start = System.nanoTime();
      execute(step);
      observer.executed(step.node().op().opName(), step.node().name(), System.nanoTime() - start);
    }
  }

  /** A variable that the specification asked to keep, as the latest run left it. */
  public INDArray kept(String name) {
    INDArray array = kept.get(name);
    if (array == null) {
      throw new IllegalArgumentException("the program was not asked to keep " + name);
    }
    return array;
  }

  /** The operations in their order, for counting their work. */
  List<Step> steps() {
    return steps;
  }

  /** Number of operations in a run. */
  public int size() {
    return steps.size();
  }

  /** Bytes that intermediate results take. */
  public long arenaBytes() {
    return arena.bytes();
  }

  /** Bytes that all computed arrays would take if none shared memory. */
  public long unsharedBytes() {
    return computedElements * arena.type().width();
  }

  private static void execute(Step step) {
    try {
      Nd4j.getExecutioner().exec(step.node().op(), step.context());
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "%s failed: inputs %s, outputs %s: %s"
              .formatted(
                  step.node().title(),
                  Shapes.text(step.inputs()),
                  Shapes.text(step.outputs()),
                  e.getMessage()),
          e);
    }
  }

  private static void requireFinite(Step step) {
    for (int i = 0; i < step.outputs().length; i++) {
      INDArray output = step.outputs()[i];
      if (matches(output, Conditions.isNan()) || matches(output, Conditions.isInfinite())) {
        throw new DivergenceException(
            "%s wrote a value that is not finite to output %d, shape %s; inputs %s"
                .formatted(
                    step.node().title(), i, Shapes.text(output), Shapes.text(step.inputs())));
      }
    }
  }

  private static boolean matches(INDArray array, Condition condition) {
    return Nd4j.getExecutioner().exec(new MatchCondition(array, condition)).getLong(0) > 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
