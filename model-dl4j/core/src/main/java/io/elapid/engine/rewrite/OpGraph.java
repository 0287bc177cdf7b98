package io.elapid.engine.rewrite;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ops.impl.transforms.same.Identity;

/**
 * Operations in an order in which each follows its producers, with the shapes of all variables, for
 * {@link Rewrite}s to change.
 */
public final class OpGraph {
  private final Map<String, Variable> variables;
  private final Set<String> wanted;
  private final Map<String, OpNode> producers = new HashMap<>();
  private final Map<String, List<OpNode>> readers = new HashMap<>();
  private List<OpNode> nodes = new ArrayList<>();

  /**
   * A graph of {@code nodes}.
   *
   * @param variables every variable that they read or write
   * @param wanted what the caller reads after a run
   */
  public OpGraph(List<OpNode> nodes, Map<String, Variable> variables, Set<String> wanted) {
    this.variables = new HashMap<>(variables);
    this.wanted = Set.copyOf(wanted);
    nodes.forEach(this::index);
    this.nodes.addAll(nodes);
  }

  private void index(OpNode node) {
    node.outputs().forEach(output -> producers.put(output, node));
    for (String input : new HashSet<>(node.inputs())) {
      readers.computeIfAbsent(input, name -> new ArrayList<>()).add(node);
    }
  }

  private void unindex(OpNode node) {
    node.outputs().forEach(producers::remove);
    for (String input : new HashSet<>(node.inputs())) {
      readers.get(input).remove(node);
    }
  }

  /** The operations, producers first. */
  public List<OpNode> nodes() {
    return List.copyOf(nodes);
  }

  /** The operations of one kind, in order. */
  public List<OpNode> nodes(String kind) {
    return nodes.stream().filter(node -> node.op().opName().equals(kind)).toList();
  }

  public Variable variable(String name) {
    return variables.get(name);
  }

  /** What computes a variable; empty for inputs and constants. */
  public Optional<OpNode> producer(String variable) {
    return Optional.ofNullable(producers.get(variable));
  }

  /** The operation of that kind that computes a variable, if it is of that kind. */
  public Optional<OpNode> producer(String variable, String kind) {
    return producer(variable).filter(node -> node.op().opName().equals(kind));
  }

  /** The operations that read a variable. */
  public List<OpNode> readers(String variable) {
    return List.copyOf(readers.getOrDefault(variable, List.of()));
  }

  /** Whether the caller reads a variable after a run. */
  public boolean isWanted(String variable) {
    return wanted.contains(variable);
  }

  /** The one operation that reads the variable, if there is just one and nobody asked for it. */
  public Optional<OpNode> onlyReader(String variable) {
    List<OpNode> all = readers.getOrDefault(variable, List.of());
    return all.size() == 1 && !wanted.contains(variable)
        ? Optional.of(all.get(0))
        : Optional.empty();
  }

  /** Whether {@code node} is still part of the graph. */
  public boolean contains(OpNode node) {
    return node.equals(producers.get(node.outputs().get(0)));
  }

  /** Adds a variable that a rewrite invented. */
  public String invent(String name, Variable variable) {
    if (variables.putIfAbsent(name, variable) != null) {
      throw new IllegalArgumentException("there is a variable %s already".formatted(name));
    }
    return name;
  }

  /**
   * Puts operations in the place of others: {@code by} where {@code last}, the last of those
   * removed, was.
   *
   * @throws IllegalArgumentException if a variable would be missing
   */
  public void replace(Collection<OpNode> removed, OpNode last, List<OpNode> by) {
    Set<OpNode> gone = new HashSet<>(removed);
    gone.forEach(this::unindex);
    by.forEach(this::index);
    for (OpNode node : gone) {
      for (String output : node.outputs()) {
        boolean needed = wanted.contains(output) || !readers(output).isEmpty();
        if (needed && !producers.containsKey(output)) {
          throw new IllegalArgumentException(
              "%s is needed but nothing computes it any more".formatted(output));
        }
      }
    }
    List<OpNode> changed = new ArrayList<>(nodes.size());
    for (OpNode node : nodes) {
      if (node.equals(last)) {
        changed.addAll(by);
      } else if (!gone.contains(node)) {
        changed.add(node);
      }
    }
    nodes = changed;
  }

  /** Lets {@code node}'s outputs be those variables instead of computing them. */
  public void alias(OpNode node, Map<String, String> sources) {
    List<OpNode> identities = new ArrayList<>();
    new LinkedHashMap<>(sources)
        .forEach(
            (output, source) ->
                identities.add(
                    new OpNode(
                        new Identity(), "alias of " + source, List.of(source), List.of(output))));
    replace(List.of(node), node, identities);
  }
}
