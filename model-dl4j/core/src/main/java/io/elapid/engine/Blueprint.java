package io.elapid.engine;

import io.elapid.engine.rewrite.OpGraph;
import io.elapid.engine.rewrite.Rewrites;
import io.elapid.graph.BatchStatistics;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Scope;
import io.elapid.op.OpRegistry;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A network's forward graph for one frame, not yet compiled.
 *
 * @param loss of the form that learns
 * @param rewrites that it is compiled with
 */
record Blueprint(
    Scope scope, ParameterTable table, Ports ports, Optional<SDVariable> loss, Rewrites rewrites) {
  private static final String MEAN = ".running_mean";

  /** The form that learns, in a scope over an empty graph. */
  static Blueprint learning(Network<?> network, Frame frame, Scope scope) {
    OpRegistry.register();
    Ports ports = new Ports(scope, frame);
    SDVariable loss = network.learn(scope, ports);
    return new Blueprint(scope, scope.table(), ports, Optional.of(loss), Rewrites.all());
  }

  /** The form that answers. */
  static Blueprint answering(Network<?> network, Frame frame, DataType type, Mode mode) {
    OpRegistry.register();
    Scope scope = Scope.root(SameDiff.create(), type, mode);
    Ports ports = new Ports(scope, frame);
    network.answer(scope, ports);
    return new Blueprint(scope, scope.table(), ports, Optional.empty(), Rewrites.all());
  }

  /** To be compiled with other rewrites. */
  Blueprint with(Rewrites others) {
    return new Blueprint(scope, table, ports, loss, others);
  }

  /**
   * Batch norms that find one value of each channel in a shard. They make the same of every picture
   * and pass no gradient on.
   */
  List<String> normsOfOneValue() {
    if (scope.statistics() != BatchStatistics.SHARD) {
      return List.of();
    }
    Map<String, SDVariable> means = new LinkedHashMap<>(scope.batchStatistics());
    means.keySet().removeIf(statistic -> !statistic.endsWith(MEAN));
    OpGraph operations =
        ShapeInference.of(
            graph(), means.values().stream().map(SDVariable::name).collect(Collectors.toSet()));
    means.values().removeIf(mean -> !isOfOneValue(operations, mean.name()));
    return means.keySet().stream()
        .map(name -> name.substring(0, name.length() - MEAN.length()))
        .toList();
  }

  private static boolean isOfOneValue(OpGraph operations, String mean) {
    String normalised = operations.producer(mean).orElseThrow().inputs().get(0);
    long[] shape = operations.variable(normalised).shape();
    return Arrays.stream(shape).reduce(1, Math::multiplyExact) == shape[1];
  }

  /** The variable of an output. */
  SDVariable output(String name) {
    return ports.outputs().get(name).value();
  }

  SameDiff graph() {
    return scope.graph();
  }

  Map<String, String> taps() {
    return scope.taps();
  }
}
