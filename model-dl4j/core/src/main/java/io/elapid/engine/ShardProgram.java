package io.elapid.engine;

import io.elapid.data.loader.Batch;
import io.elapid.graph.Arena;
import io.elapid.graph.Parameters;
import io.elapid.graph.Slot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Forward and backward pass of a classifier over one shard: from pictures and targets to the vector
 * of a {@link StepLayout}. The loss is {@link TrainingLoss} of the heads in training, of the answer
 * otherwise.
 */
final class ShardProgram implements AutoCloseable {
  /** 4 MiB: enough for a network to be worth a message, little enough to be ready early. */
  private static final long BUCKET_ELEMENTS = 1 << 20;

  private final StepLayout layout;
  private final Arena vector;
  private final ShardInputs inputs;
  private final StepProgram program;
  private final Arena scores;
  private final GradientBuckets buckets;

  private ShardProgram(
      StepLayout layout,
      Arena vector,
      ShardInputs inputs,
      StepProgram program,
      Arena scores,
      GradientBuckets buckets) {
    this.buckets = buckets;
    this.layout = layout;
    this.vector = vector;
    this.inputs = inputs;
    this.program = program;
    this.scores = scores;
  }

  /**
   * Compiles the pass.
   *
   * @param parameters read at every run; owned by the caller
   * @param kept variables to be readable after a run
   */
  static ShardProgram compile(
      Blueprint blueprint, int classes, Parameters parameters, Set<String> kept) {
    return compile(blueprint, classes, new Teaching.None(), parameters, kept, Arena::allocate);
  }

  /** With memory from elsewhere; over {@linkplain Arena#planned planned} arenas it cannot run. */
  static ShardProgram compile(
      Blueprint blueprint,
      int classes,
      Teaching teaching,
      Parameters parameters,
      Set<String> kept,
      Arena.Source arenas) {
    DataType type = blueprint.scope().dataType();
    StepLayout layout =
        new StepLayout(parameters.table().parameterLength(), parameters.table().bufferLength());
    Arena vector = arenas.take(type, layout.length());
    long[] targetShape = {blueprint.batch(), classes};
    ShardInputs inputs =
        new ShardInputs(blueprint.scope(), blueprint.inputShape(), targetShape, teaching, arenas);

    SDVariable loss =
        TrainingLoss.add(blueprint.graph(), blueprint.judged(), targetShape, teaching);
    Map<String, INDArray> results = new HashMap<>();
    results.put(loss.name(), vector.view(layout.loss()));
    Gradients gradients = differentiate(blueprint, loss, vector, results);
    statistics(blueprint, vector, results);
    Map<String, INDArray> given = new HashMap<>(parameters.arrays());
    given.putAll(inputs.arrays());
    Arena scores = arenas.take(type, targetShape[0] * targetShape[1]);
    results.put(blueprint.logits().name(), scores.view(0, targetShape));
    StepProgram program =
        StepProgram.compile(
            new ProgramSpec(gradients.graph(), given, results, kept, blueprint.rewrites()), arenas);
    GradientBuckets buckets =
        GradientBuckets.of(
            blueprint.table().parameters(),
            slot -> lastWrite(program, gradients.names().get(slot.name())),
            BUCKET_ELEMENTS);
    return new ShardProgram(layout, vector, inputs, program, scores, buckets);
  }

  /** Gradients of what is frozen are not computed: they stay zero. */
  private static int lastWrite(StepProgram program, String gradient) {
    return gradient == null ? -1 : program.lastWrite(gradient);
  }

  private static Gradients differentiate(
      Blueprint blueprint, SDVariable loss, Arena vector, Map<String, INDArray> results) {
    List<Slot> slots =
        blueprint.table().parameters().stream()
            .filter(slot -> !blueprint.scope().freezing().freezes(slot.name()))
            .toList();
    Gradients gradients =
        Gradients.of(blueprint.graph(), loss, slots.stream().map(Slot::name).toList());
    for (Slot slot : slots) {
      String gradient = gradients.names().get(slot.name());
      results.put(gradient, vector.view(slot.offset(), slot.shape()));
    }
    return gradients;
  }

  /** A buffer's offset counts from the first parameter, so it is the statistic's in the vector. */
  private static void statistics(Blueprint blueprint, Arena vector, Map<String, INDArray> results) {
    Map<String, SDVariable> statistics = blueprint.scope().batchStatistics();
    for (Slot slot : blueprint.table().buffers()) {
      SDVariable statistic = statistics.get(slot.name());
      if (statistic != null) {
        results.put(statistic.name(), vector.view(slot.offset(), slot.shape()));
      }
    }
  }

  void run() {
    program.run();
  }

  /** As {@link #run()}, telling of operations, and of gradients as they become final. */
  void run(StepProgram.Observer observer, GradientListener listener) {
    program.run(observer, buckets.telling(listener));
  }

  /**
   * Runs again on the same inputs and finds where values cease to be finite.
   *
   * @return a sentence; that nothing was found where weights or pictures are at fault by now
   */
  String firstNotFinite() {
    try {
      program.inspect(result -> {});
      return "run again, every operation gave finite values";
    } catch (DivergenceException e) {
      return "run again, first " + e.getMessage();
    }
  }

  StepLayout layout() {
    return layout;
  }

  /** What {@link #run()} wrote. */
  Arena vector() {
    return vector;
  }

  /** Takes a full batch; no path is dropped before the first. */
  void load(Batch batch) {
    inputs.load(batch);
  }

  /** What the loss reads beside the targets is written here. */
  ShardInputs given() {
    return inputs;
  }

  /** Pictures, (batch, 3, height, width), then targets, (batch, classes). */
  Arena inputs() {
    return inputs.arena();
  }

  INDArray images() {
    return inputs.images();
  }

  INDArray targets() {
    return inputs.targets();
  }

  /** What the pass takes beside {@code state} bytes of weights and moments. */
  MemoryUse memory(long state) {
    return new MemoryUse(
        state,
        vector.bytes(),
        inputs.arena().bytes() + scores.bytes(),
        program.arenaBytes(),
        program.unsharedBytes());
  }

  /** Class scores (batch, classes) of the latest run. */
  Arena scores() {
    return scores;
  }

  StepProgram program() {
    return program;
  }

  @Override
  public void close() {
    program.close();
    scores.close();
    inputs.close();
    vector.close();
  }
}
