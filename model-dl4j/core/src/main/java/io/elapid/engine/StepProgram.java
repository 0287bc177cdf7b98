package io.elapid.engine;

import io.elapid.engine.rewrite.OpNode;
import io.elapid.graph.Arena;
import io.elapid.op.ElapidOp;
import io.elapid.op.LegacyOp;
import io.elapid.op.MeetingOp;
import io.elapid.op.OpRegistry;
import io.elapid.op.OpRunner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A SameDiff graph compiled for fixed shapes: a list of operations bound to fixed memory.
 *
 * <p>{@link #run()} reads the input arrays, executes every operation in order and leaves the
 * results where the {@link ProgramSpec} wants them. Nothing is allocated per run. The arrays given
 * in the specification belong to the caller, the arena of intermediate results to the program.
 * Belongs to the thread that uses ND4J.
 *
 * <p>{@link #inspect} is the same run for debugging: it tells of every result and stops at the
 * first one that holds a NaN or an infinity.
 */
public final class StepProgram implements AutoCloseable {
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

  /** For runs that nobody watches: operations on a device need not wait for each other then. */
  public static final Observer UNOBSERVED = (kind, name, nanos) -> {};

  private final OpRunner runner = OpRegistry.register();
  private final List<Step> steps;
  private final Map<String, INDArray> kept;
  private final Map<String, Integer> writes;
  private final Arena arena;
  private final long computedElements;
  private final Map<Integer, MeetingOp.Seat> seats = new HashMap<>();

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
    return compile(spec, EngineMemory::take);
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
    run(UNOBSERVED, done);
  }

  /** As {@link #run()}, telling {@code observer} about every operation. */
  public void run(Observer observer) {
    run(observer, step -> {});
  }

  /** Both: {@code observer} first, then {@code done}. */
  void run(Observer observer, IntConsumer done) {
    for (int i = 0; i < steps.size(); i++) {
      execute(steps.get(i), observer);
      done.accept(i);
    }
    runner.settle();
  }

  /**
   * A run that halts wherever shards of a batch meet; {@link #run()} takes the shard for the whole
   * batch.
   */
  Pass pass(Observer observer) {
    return new Pass(observer);
  }

  /** One run, from meeting to meeting. */
  final class Pass {
    private final Observer observer;
    private int next;
    private MeetingOp.Seat seat;
    private long shareNanos;

    private Pass(Observer observer) {
      this.observer = observer;
    }

    /** Runs on, to the next meeting or to the end; returns whether there is a meeting. */
    boolean advance() {
      while (next < steps.size()) {
        Step step = steps.get(next);
        if (step.node().op() instanceof MeetingOp op) {
          seat = seats.computeIfAbsent(next, i -> seat(op, step));
          runner.settle();
          return true;
        }
        execute(step, observer);
        next++;
      }
      runner.settle();
      return false;
    }

    /** The operation that is the present meeting, for messages. */
    String meeting() {
      return steps.get(next).node().title();
    }

    /** What the shard says in the present meeting. */
    double[] share() {
      long start = System.nanoTime();
      double[] share = seat.share();
      shareNanos = System.nanoTime() - start;
      return share;
    }

    /**
     * Ends the meeting with what all shards have said; waiting for them counts for no operation.
     */
    void conclude(List<double[]> shares) {
      long start = System.nanoTime();
      seat.conclude(shares);
      tell(observer, steps.get(next), shareNanos + System.nanoTime() - start);
      next++;
    }
  }

  private static MeetingOp.Seat seat(MeetingOp op, Step step) {
    return op.seat(List.of(step.inputs()), List.of(step.outputs()));
  }

  /**
   * As {@link #run()}, showing {@code inspector} every operation's results before the next one may
   * write over them. Takes several times as long.
   *
   * @throws DivergenceException at the first result with a value that is not finite, once the
   *     inspector has seen it; names the operation and the shapes
   */
  public void inspect(Consumer<OperationResult> inspector) {
    for (int i = 0; i < steps.size(); i++) {
      execute(steps.get(i));
      runner.settle();
      OperationResult result = OperationResult.of(i, steps.get(i));
      inspector.accept(result);
      result.requireFinite();
    }
  }

  /** Waits for what the operations so far began on a device. */
  void settle() {
    runner.settle();
  }

  /** Number of the step that writes a result of the specification; -1 if none needs to. */
  public int lastWrite(String result) {
    Integer step = writes.get(result);
    if (step == null) {
      throw new IllegalArgumentException("the program has no result " + result);
    }
    return step;
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

  private void execute(Step step, Observer observer) {
    long start = System.nanoTime();
    execute(step);
    if (observer != UNOBSERVED) {
      runner.settle();
    }
    tell(observer, step, System.nanoTime() - start);
  }

  private static void tell(Observer observer, Step step, long nanos) {
    observer.executed(step.node().op().opName(), step.node().name(), nanos);
  }

  private void execute(Step step) {
    if (!(step.node().op() instanceof ElapidOp) || step.node().op() instanceof LegacyOp) {
      runner.computesStock(step.node().op().opName());
    }
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

  @Override
  public void close() {
    arena.close();
  }
}
