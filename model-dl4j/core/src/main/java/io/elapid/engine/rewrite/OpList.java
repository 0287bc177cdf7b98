package io.elapid.engine.rewrite;

import io.elapid.op.LegacyOp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/** Reads from a graph the operations that wanted variables depend on, each after its producers. */
public final class OpList {
  private final List<OpNode> all = new ArrayList<>();
  private final Map<String, Integer> producers = new HashMap<>();

  private OpList(SameDiff graph) {
    for (SameDiffOp op : graph.getOps().values()) {
      List<String> inputs = op.getInputsToOp() == null ? List.of() : op.getInputsToOp();
      DynamicCustomOp custom = custom(op, inputs.size());
      OpNode node = new OpNode(custom, op.getName(), List.copyOf(inputs), op.getOutputsOfOp());
      for (String output : node.outputs()) {
        producers.put(output, all.size());
      }
      all.add(node);
    }
  }

  private static DynamicCustomOp custom(SameDiffOp op, int inputs) {
    DifferentialFunction function = op.getOp();
    if (function instanceof DynamicCustomOp custom) {
      return custom;
    }
    return LegacyOp.of(function, inputs)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "operation %s (%s) is of a kind that the engine does not run: of those of ND4J that are"
                            .formatted(op.getName(), function.opName())
                        + " no custom ops, it runs functions of single elements, such of an element"
                        + " and a number, and sums, means, extremes and norms along dimensions"
                        + " given as numbers"));
  }

  /** The operations that {@code wanted} needs, producers first, otherwise as in the graph. */
  public static List<OpNode> of(SameDiff graph, Set<String> wanted) {
    OpList list = new OpList(graph);
    return list.ordered(list.needed(wanted));
  }

  private Set<Integer> needed(Set<String> wanted) {
    Set<Integer> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(wanted);
    while (!open.isEmpty()) {
      Integer producer = producers.get(open.remove());
      if (producer != null && needed.add(producer)) {
        open.addAll(all.get(producer).inputs());
      }
    }
    return needed;
  }

  private List<OpNode> ordered(Set<Integer> needed) {
    Map<Integer, Integer> waiting = new HashMap<>();
    Map<Integer, List<Integer>> readers = new HashMap<>();
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int index : needed) {
      Set<Integer> before = new HashSet<>();
      for (String input : all.get(index).inputs()) {
        Integer producer = producers.get(input);
        if (producer != null && before.add(producer)) {
          readers.computeIfAbsent(producer, i -> new ArrayList<>()).add(index);
        }
      }
      waiting.put(index, before.size());
      if (before.isEmpty()) {
        ready.add(index);
      }
    }
    List<OpNode> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      order.add(all.get(next));
      for (int reader : readers.getOrDefault(next, List.of())) {
        if (waiting.merge(reader, -1, Integer::sum) == 0) {
          ready.add(reader);
        }
      }
    }
    if (order.size() != needed.size()) {
      throw new IllegalArgumentException("the graph has a cycle");
    }
    return order;
  }
}
