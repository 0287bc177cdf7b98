package io.elapid.analysis;

import io.elapid.engine.ProgramSpec;
import io.elapid.engine.StepProgram;
import io.elapid.graph.Arena;
import io.elapid.graph.Dropped;
import io.elapid.graph.Mode;
import io.elapid.graph.Parameters;
import io.elapid.graph.Scope;
import io.elapid.graph.Slot;
import io.elapid.nn.FeatureMap;
import io.elapid.op.OpRegistry;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The graph of a subject without its head, and the memory that a program of it reads. Belongs to
 * the thread that made it; holds native memory until closed.
 */
final class Forward implements AutoCloseable {
  /** Name of the pictures in the graph. */
  static final String IMAGES = "images";

  private final Scope scope;
  private final FeatureMap last;
  private final Arena weights;
  private final Parameters parameters;
  private final Arena images;
  private final Map<String, INDArray> inputs;

  private Forward(Subject subject, DataType type, Mode mode, long[] shape) {
    OpRegistry.register();
    SameDiff graph = SameDiff.create();
    this.scope = Scope.root(graph, type, mode);
    // a variable and no placeholder: convolutions compute no gradient in placeholders
    SDVariable pictures = graph.var(IMAGES, type, shape);
    int stage = subject.network().stages() - 1;
    this.last = subject.network().features(scope, pictures, Set.of(stage)).get(0);
    this.weights = Arena.allocate(type, scope.table().length());
    this.parameters = new Parameters(scope.table(), weights, 0);
    this.images = Arena.allocate(type, pictures.getArr().length());
    this.inputs = new HashMap<>(parameters.arrays());
    inputs.put(IMAGES, images.view(0, shape));
    for (Map.Entry<String, Dropped> drop : scope.drops().entrySet()) {
      inputs.put(drop.getKey(), Nd4j.ones(type, drop.getValue().shape()));
    }
    subject.load(parameters);
  }

  /**
   * The form that answers. Batch norms of a network that nobody has trained go by statistics of
   * {@code seen}.
   *
   * @param batch pictures of one run, of the size of those seen
   */
  static Forward of(Subject subject, DataType type, Pictures seen, int batch) {
    long[] shape = {batch, 3, seen.height(), seen.width()};
    Forward forward = new Forward(subject, type, Mode.EVAL, shape);
    if (!subject.isTrained()) {
      try (Forward learning = new Forward(subject, type, Mode.TRAIN, seen.shape())) {
        forward.settle(learning.statistics(seen));
      }
    }
    return forward;
  }

  private Map<String, INDArray> statistics(Pictures seen) {
    show(seen);
    Map<String, SDVariable> statistics = scope.batchStatistics();
    Map<String, INDArray> results = new HashMap<>();
    Map<String, INDArray> byName = new HashMap<>();
    for (Slot slot : scope.table().buffers()) {
      SDVariable statistic = statistics.get(slot.name());
      if (statistic != null) {
        INDArray array = Nd4j.create(scope.dataType(), slot.shape());
        results.put(statistic.name(), array);
        byName.put(slot.name(), array);
      }
    }
    try (StepProgram program =
        StepProgram.compile(new ProgramSpec(graph(), inputs, results, Set.of()))) {
      program.run();
    }
    return byName;
  }

  private void settle(Map<String, INDArray> statistics) {
    Map<String, INDArray> own = parameters.arrays();
    statistics.forEach((name, value) -> own.get(name).assign(value));
  }

  /** Takes the pictures of the next run. */
  void show(Pictures pictures) {
    ByteBuffer memory = images.buffer();
    for (float value : pictures.values()) {
      if (scope.dataType() == DataType.DOUBLE) {
        memory.putDouble(value);
      } else {
        memory.putFloat(value);
      }
    }
  }

  SameDiff graph() {
    return scope.graph();
  }

  Scope scope() {
    return scope;
  }

  /** The map at the end of the last stage. */
  FeatureMap last() {
    return last;
  }

  /** Arrays that a program over this graph reads. */
  Map<String, INDArray> inputs() {
    return inputs;
  }

  /** Runs the graph on some pictures and copies what was tapped under those names. */
  Map<String, Maps> record(Pictures pictures, Set<String> taps) {
    show(pictures);
    Map<String, String> variables = scope.taps();
    Set<String> kept =
        taps.stream().map(variables::get).collect(Collectors.toCollection(LinkedHashSet::new));
    ProgramSpec spec = new ProgramSpec(graph(), inputs, Map.of(), kept);
    try (StepProgram program = StepProgram.compile(spec)) {
      program.run();
      Map<String, Maps> maps = new HashMap<>();
      taps.forEach(tap -> maps.put(tap, copied(program.kept(variables.get(tap)))));
      return maps;
    }
  }

  private static Maps copied(INDArray array) {
    int[] shape = IntStream.range(0, 4).map(i -> Math.toIntExact(array.size(i))).toArray();
    return new Maps(shape[0], shape[1], shape[2], shape[3], array.dup('c').data().asFloat());
  }

  /** Names of everything that can be recorded. */
  List<String> taps() {
    return List.copyOf(scope.taps().keySet());
  }

  @Override
  public void close() {
    images.close();
    weights.close();
  }
}
