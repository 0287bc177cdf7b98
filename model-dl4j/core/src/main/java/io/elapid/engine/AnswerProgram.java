package io.elapid.engine;

import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.Arena;
import io.elapid.graph.Parameters;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Pass of the form of a network that answers, for one frame. */
final class AnswerProgram<B extends ImageBatch> implements AutoCloseable {
  private final Network<B> network;
  private final PassInputs inputs;
  private final Buffers outputs;
  private final StepProgram program;

  /**
   * Compiles the pass.
   *
   * @param parameters read at every run; owned by the caller
   */
  AnswerProgram(Network<B> network, Blueprint blueprint, Parameters parameters) {
    this(network, blueprint, parameters, EngineMemory::take);
  }

  /** With memory from elsewhere for what it needs while it runs. */
  AnswerProgram(
      Network<B> network, Blueprint blueprint, Parameters parameters, Arena.Source working) {
    this.network = network;
    try (Takings takings = new Takings()) {
      this.inputs = takings.add(new PassInputs(blueprint, EngineMemory::take), PassInputs::close);
      this.outputs =
          takings.add(outputs(blueprint, DataType.FLOAT, EngineMemory::take), Buffers::close);
      Map<String, INDArray> given = new HashMap<>(parameters.arrays());
      given.putAll(inputs.arrays());
      this.program =
          StepProgram.compile(
              new ProgramSpec(
                  blueprint.graph(),
                  given,
                  results(blueprint, outputs),
                  Set.of(),
                  blueprint.rewrites()),
              working);
      takings.keep();
    }
  }

  /** Memory for what a graph gives out. */
  static Buffers outputs(Blueprint blueprint, DataType type, Arena.Source arenas) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    blueprint.ports().outputs().forEach((name, output) -> shapes.put(name, output.shape()));
    return new Buffers(shapes, type, arenas);
  }

  /** Which variable is written where. */
  static Map<String, INDArray> results(Blueprint blueprint, Buffers outputs) {
    Map<String, INDArray> results = new HashMap<>();
    blueprint
        .ports()
        .outputs()
        .forEach((name, output) -> results.put(output.value().name(), outputs.array(name)));
    return results;
  }

  /** Takes a batch, which may be partly filled. */
  void load(B batch) {
    inputs.load(batch);
    network.ask(batch, inputs.buffers());
  }

  /** Answers of the batch taken last; the same memory at every call. */
  Buffers run() {
    return run(StepProgram.UNOBSERVED);
  }

  /** As {@link #run()}, telling {@code observer} about every operation. */
  Buffers run(StepProgram.Observer observer) {
    inputs.buffers().arena().toDevice();
    program.run(observer);
    return outputs;
  }

  /** What the pass takes beside {@code state} bytes of weights. */
  MemoryUse memory(long state) {
    long batch = inputs.buffers().arena().bytes() + outputs.arena().bytes();
    return new MemoryUse(state, 0, batch, program.arenaBytes(), program.unsharedBytes());
  }

  StepProgram program() {
    return program;
  }

  @Override
  public void close() {
    program.close();
    outputs.close();
    inputs.close();
  }
}
