package io.elapid.engine;

import io.elapid.engine.rewrite.Rewrites;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Scope;
import io.elapid.op.OpRegistry;
import java.util.Map;
import java.util.Optional;
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
