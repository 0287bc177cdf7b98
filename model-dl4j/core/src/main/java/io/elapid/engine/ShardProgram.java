package io.elapid.engine;

import io.elapid.data.loader.ImageBatch;
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
 * Forward and backward pass of a network over one shard: from pictures and targets to the vector of
 * a {@link StepLayout}.
 */
final class ShardProgram implements AutoCloseable {
  /** 4 MiB: enough for a network to be worth a message, little enough to be ready early. */
  private static final long BUCKET_ELEMENTS = 1 << 20;

  private final StepLayout layout;
  private final Arena vector;
  private final PassInputs inputs;
  private final StepProgram program;
  private final Buffers outputs;
  private final GradientBuckets buckets;

  private ShardProgram(
      StepLayout layout,
      Arena vector,
      PassInputs inputs,
      StepProgram program,
      Buffers outputs,
      GradientBuckets buckets) {
    this.buckets = buckets;
    this.layout = layout;
    this.vector = vector;
    this.inputs = inputs;
    this.program = program;
    this.outputs = outputs;
  }

  /**
   * Compiles the pass.
   *
   * @param figures that the network tells, of which the graph computes some
   * @param parameters read at every run; owned by the caller
   * @param kept variables to be readable after a run
   */
  static ShardProgram compile(
      Blueprint blueprint, List<Figure> figures, Parameters parameters, Set<String> kept) {
    return compile(blueprint, figures, parameters, kept, EngineMemory::take);
  }

  /** With memory from elsewhere; over {@linkplain Arena#planned planned} arenas it cannot run. */
  static ShardProgram compile(
      Blueprint blueprint,
      List<Figure> figures,
      Parameters parameters,
      Set<String> kept,
      Arena.Source arenas) {
    return compile(blueprint, figures, parameters, kept, ProgramMemory.of(arenas));
  }

  /** With memory from several places. */
  static ShardProgram compile(
      Blueprint blueprint,
      List<Figure> figures,
      Parameters parameters,
      Set<String> kept,
      ProgramMemory memory) {
    DataType type = blueprint.scope().dataType();
    StepLayout layout =
        new StepLayout(
            parameters.table().parameterLength(), parameters.table().bufferLength(), figures);
    Arena vector = memory.vector().take(type, layout.length());
    try (Takings takings = new Takings()) {
      PassInputs inputs = takings.add(new PassInputs(blueprint, memory.own()), PassInputs::close);
      Buffers outputs =
          takings.add(AnswerProgram.outputs(blueprint, type, memory.own()), Buffers::close);

      SDVariable loss = blueprint.loss().orElseThrow();
      Map<String, INDArray> results = new HashMap<>(AnswerProgram.results(blueprint, outputs));
      results.put(loss.name(), vector.view(layout.loss()));
      blueprint
          .ports()
          .figures()
          .forEach((name, value) -> results.put(value.name(), vector.view(layout.figure(name))));
      Gradients gradients = differentiate(blueprint, loss, vector, results);
      statistics(blueprint, vector, results);
      Map<String, INDArray> given = new HashMap<>(parameters.arrays());
      given.putAll(inputs.arrays());
      StepProgram program =
          StepProgram.compile(
              new ProgramSpec(gradients.graph(), given, results, kept, blueprint.rewrites()),
              memory.working());
      GradientBuckets buckets =
          GradientBuckets.of(
              blueprint.table().parameters(),
              slot -> lastWrite(program, gradients.names().get(slot.name())),
              BUCKET_ELEMENTS);
      takings.keep();
      return new ShardProgram(layout, vector, inputs, program, outputs, buckets);
    }
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
    run(StepProgram.UNOBSERVED, GradientListener.NONE);
  }

  /** As {@link #run()}, telling of operations, and of gradients as they become final. */
  void run(StepProgram.Observer observer, GradientListener listener) {
    toDevice();
    if (listener == GradientListener.NONE) {
      program.run(observer);
    } else {
      program.run(observer, buckets.telling((from, to) -> tell(listener, from, to)));
    }
  }

  /** What the CPU has written, and what it has read of the run before. */
  private void toDevice() {
    inputs.buffers().arena().toDevice();
    vector.toDevice();
  }

  private void tell(GradientListener listener, int from, int to) {
    vector.toHost(from, to - from);
    program.settle();
    listener.ready(from, to);
  }

  /** A run that halts wherever shards meet. */
  StepProgram.Pass pass(StepProgram.Observer observer) {
    toDevice();
    return program.pass(observer);
  }

  /**
   * Runs again on the same inputs, as if there were no other shards, and finds where values cease
   * to be finite.
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

  /** Takes the pictures of a full batch; nothing is dropped before the first. */
  void load(ImageBatch batch) {
    inputs.load(batch);
  }

  /** What the network writes into before a run. */
  Buffers inputs() {
    return inputs.buffers();
  }

  /** What the pass takes beside {@code state} bytes of weights and moments. */
  MemoryUse memory(long state) {
    return new MemoryUse(
        state,
        vector.bytes(),
        inputs.buffers().arena().bytes() + outputs.arena().bytes(),
        program.arenaBytes(),
        program.unsharedBytes());
  }

  /** What the latest run gave out. */
  Buffers outputs() {
    return outputs;
  }

  StepProgram program() {
    return program;
  }

  @Override
  public void close() {
    program.close();
    outputs.close();
    inputs.close();
    vector.close();
  }
}
