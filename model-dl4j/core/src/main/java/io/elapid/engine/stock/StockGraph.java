package io.elapid.engine.stock;

import io.elapid.engine.rewrite.OpGraph;
import io.elapid.engine.rewrite.OpNode;
import io.elapid.engine.rewrite.Variable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** A forward graph written anew with stock operations only; placeholders keep their names. */
public final class StockGraph {
  private final SameDiff graph = SameDiff.create();
  private final OpGraph source;
  private final Map<String, SDVariable> variables = new HashMap<>();

  private StockGraph(OpGraph source) {
    this.source = source;
    source.nodes().forEach(this::add);
  }

  /**
   * Composes every operation of a forward graph.
   *
   * @param source before any rewrite
   * @throws IllegalArgumentException if there is no composition for an operation
   */
  public static StockGraph of(OpGraph source) {
    return new StockGraph(source);
  }

  /** The new graph. */
  public SameDiff graph() {
    return graph;
  }

  /** What stands for a variable of the source. */
  public SDVariable variable(String name) {
    return variables.computeIfAbsent(name, this::given);
  }

  private SDVariable given(String name) {
    Variable known = source.variable(name);
    if (source.producer(name).isPresent()) {
      throw new IllegalArgumentException("only a gradient reads " + name);
    }
    return known.isConstant()
        ? graph.constant(known.constant())
        : graph.placeHolder(name, known.type(), known.shape());
  }

  private void add(OpNode node) {
    Call call =
        new Call(
            graph,
            node.op(),
            source.variable(node.outputs().get(0)).type(),
            node.inputs().stream().map(this::variable).toList(),
            shapes(node.inputs()),
            shapes(node.outputs()));
    List<SDVariable> results = Compositions.of(node).compose(call);
    for (int i = 0; i < results.size(); i++) {
      variables.put(node.outputs().get(i), results.get(i));
    }
  }

  private List<long[]> shapes(List<String> names) {
    return names.stream().map(name -> source.variable(name).shape()).toList();
  }
}
