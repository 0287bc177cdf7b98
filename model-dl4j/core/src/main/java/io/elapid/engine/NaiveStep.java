package io.elapid.engine;

import io.elapid.data.loader.Batch;
import io.elapid.engine.stock.StockGraph;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import io.elapid.graph.Slot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.InferenceSession;
import org.nd4j.autodiff.samediff.internal.memory.AbstractMemoryMgr;
import org.nd4j.autodiff.samediff.internal.memory.ArrayCacheMemoryMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * The network of a {@link StepBench} as one would write it with SameDiff alone: stock operations
 * only ({@link StockGraph}), run by SameDiff's own session as {@code SameDiff.output} and {@code
 * calculateGradients} run it. A training step ends with the gradients: there is no update.
 *
 * <p>Owns its native memory until {@link #close()}; belongs to the thread that made it.
 */
public final class NaiveStep implements AutoCloseable {
  private final Arena weights;
  private final PassInputs inputs;
  private final InferenceSession session;
  private final Counter counter;
  private final List<String> wanted;
  private final Map<String, INDArray> given;

  private NaiveStep(
      StepBench.Settings settings, Blueprint blueprint, SameDiff graph, List<String> wanted) {
    ThreadBudget.use(settings.threads());
    this.weights = Arena.allocate(DataType.FLOAT, blueprint.table().length());
    Parameters parameters = new Parameters(blueprint.table(), weights, 0);
    parameters.load(StepBench.initialWeights(settings));
    this.inputs = new PassInputs(blueprint, Arena::allocate);
    Batch pictures = StepBench.pictures(settings);
    inputs.load(pictures);
    if (blueprint.loss().isPresent()) {
      StepBench.teach(settings, pictures, inputs.buffers());
    }
    this.given = new HashMap<>(parameters.arrays());
    given.putAll(inputs.arrays());
    // a session refuses what its graph does not know, such as statistics while training
    given.keySet().removeIf(name -> !graph.hasVariable(name));
    this.wanted = wanted;
    this.session = new InferenceSession(graph);
    this.counter = new Counter();
    session.setMmgr(counter);
  }

  /** Forward and backward pass. */
  public static NaiveStep training(StepBench.Settings settings) {
    Blueprint blueprint = StepBench.learning(settings);
    SDVariable loss = blueprint.loss().orElseThrow();
    List<String> trained = blueprint.table().parameters().stream().map(Slot::name).toList();
    List<String> results = new ArrayList<>(List.of(loss.name()));
    blueprint.scope().batchStatistics().values().forEach(one -> results.add(one.name()));
    StockGraph stock = stock(blueprint, results);
    Gradients gradients = Gradients.of(stock.graph(), stock.variable(loss.name()), trained);
    List<String> wanted = new ArrayList<>(gradients.names().values());
    results.forEach(result -> wanted.add(stock.variable(result).name()));
    return new NaiveStep(settings, blueprint, gradients.graph(), wanted);
  }

  /** Class scores, batch norms folded. */
  public static NaiveStep inference(StepBench.Settings settings) {
    Blueprint blueprint = StepBench.answering(settings, Mode.DEPLOY);
    String logits = blueprint.output(Classifier.LOGITS).name();
    StockGraph stock = stock(blueprint, List.of(logits));
    String scores = stock.variable(logits).name();
    return new NaiveStep(settings, blueprint, stock.graph(), List.of(scores));
  }

  private static StockGraph stock(Blueprint blueprint, List<String> results) {
    return StockGraph.of(ShapeInference.of(blueprint.graph(), Set.copyOf(results)));
  }

  /** Runs once; the arrays are the session's until {@link #giveBack}. */
  Map<String, INDArray> run() {
    counter.startOver();
    return session.output(wanted, given, null, List.of(), List.of(), At.defaultAt());
  }

  /** Lets the session use the arrays of a run again. */
  void giveBack(Map<String, INDArray> results) {
    results.values().stream().filter(counter::isLive).forEach(counter::release);
  }

  /** Runs once and returns the nanoseconds that took. */
  public long timedRun() {
    long start = System.nanoTime();
    Map<String, INDArray> results = run();
    long nanos = System.nanoTime() - start;
    giveBack(results);
    return nanos;
  }

  /** The most bytes that arrays of a run, results included, took at the same time. */
  public long peakLiveBytes() {
    return counter.peakLive;
  }

  /** The same with the arrays that the session keeps to use them again. */
  public long peakHeldBytes() {
    return counter.peakHeld;
  }

  @Override
  public void close() {
    counter.close();
    inputs.close();
    weights.close();
  }

  /** What a session uses by itself, and counts. */
  private static final class Counter extends AbstractMemoryMgr {
    private final ArrayCacheMemoryMgr source = new ArrayCacheMemoryMgr();
    private final Map<Long, Long> live = new HashMap<>();
    private long bytes;
    private long peakLive;
    private long peakHeld;

    /** Forgets what an earlier run left to the garbage collector. */
    void startOver() {
      live.clear();
      bytes = 0;
    }

    boolean isLive(INDArray array) {
      return live.containsKey(array.getId());
    }

    @Override
    public INDArray allocate(boolean detached, DataType type, long... shape) {
      return counted(source.allocate(detached, type, shape));
    }

    @Override
    public INDArray allocate(boolean detached, LongShapeDescriptor descriptor) {
      return counted(source.allocate(detached, descriptor));
    }

    private INDArray counted(INDArray array) {
      long size = array.length() * array.dataType().width();
      Long before = live.put(array.getId(), size);
      bytes += size - (before == null ? 0 : before);
      peakLive = Math.max(peakLive, bytes);
      peakHeld = Math.max(peakHeld, bytes + source.getCurrentCacheSize());
      return array;
    }

    @Override
    public void release(INDArray array) {
      Long size = live.remove(array.getId());
      bytes -= size == null ? 0 : size;
      source.release(array);
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
