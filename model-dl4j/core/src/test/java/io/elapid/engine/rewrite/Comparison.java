package io.elapid.engine.rewrite;

import io.elapid.engine.ProgramSpec;
import io.elapid.engine.StepProgram;
import io.elapid.op.OpRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A graph on random inputs, run with and without rewrites. */
final class Comparison {
  private final Map<String, INDArray> inputs = new LinkedHashMap<>();
  private SameDiff graph = SameDiff.create();

  /** What a run gave and which operations it took. */
  record Run(Map<String, INDArray> values, List<String> kinds) {
    INDArray value(SDVariable variable) {
      return values.get(variable.name());
    }

    long count(String kind) {
      return kinds.stream().filter(kind::equals).count();
    }
  }

  Comparison() {
    OpRegistry.register();
  }

  SameDiff graph() {
    return graph;
  }

  /** Goes on with the gradient graph. */
  void graph(SameDiff extended) {
    graph = extended;
  }

  SDVariable input(String name, DataType type, long... shape) {
    inputs.put(name, Nd4j.rand(type, shape).subi(0.5));
    return graph.placeHolder(name, type, shape);
  }

  /** An input of values between 0.5 and 1.5. */
  SDVariable positive(String name, DataType type, long... shape) {
    inputs.put(name, Nd4j.rand(type, shape).addi(0.5));
    return graph.placeHolder(name, type, shape);
  }

  Run run(Rewrites rewrites, String... wanted) {
    try (StepProgram program =
        StepProgram.compile(new ProgramSpec(graph, inputs, Map.of(), Set.of(wanted), rewrites))) {
      List<String> kinds = new ArrayList<>();
      program.run((kind, name, nanos) -> kinds.add(kind));
      Map<String, INDArray> values = new HashMap<>();
      for (String name : wanted) {
        values.put(name, program.kept(name).dup());
      }
      return new Run(values, kinds);
    }
  }

  static Rewrites only(Rewrite... steps) {
    return new Rewrites(List.of(steps));
  }
}
