package io.elapid.engine;

import io.elapid.engine.rewrite.OpGraph;
import io.elapid.engine.rewrite.OpNode;
import io.elapid.graph.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Walks a graph from producer to consumer and notes shapes, parameters and work of each step. */
final class LayerCosts {
  private final OpGraph graph;
  private final Map<String, Slot> slots = new HashMap<>();
  private final Map<String, Set<String>> weights = new HashMap<>();
  private final Map<String, String> modules = new HashMap<>();
  private final Set<String> counted = new LinkedHashSet<>();
  private final List<LayerCost> layers = new ArrayList<>();

  LayerCosts(Blueprint blueprint, OpGraph graph) {
    this.graph = graph;
    blueprint.taps().forEach((module, variable) -> modules.putIfAbsent(variable, module));
    for (Slot slot : blueprint.table().slots()) {
      weights.put(slot.name(), Set.of(slot.name()));
    }
    blueprint.table().parameters().forEach(slot -> slots.put(slot.name(), slot));
  }

  List<LayerCost> layers() {
    return layers;
  }

  void add(OpNode node) {
    Set<String> read = weights(node);
    if (node.isView()) {
      weights.put(node.outputs().get(0), read);
      return;
    }
    List<long[]> inputs = node.inputs().stream().map(this::shape).toList();
    long[] output = shape(node.outputs().get(0));
    layers.add(
        new LayerCost(
            module(node, read),
            node.op().opName(),
            output,
            parameters(read),
            OpWork.multiplyAccumulates(node, inputs)));
  }

  private long[] shape(String variable) {
    return graph.variable(variable).shape();
  }

  /** Names of the parameters and buffers that an operation reads, through changes of shape too. */
  private Set<String> weights(OpNode node) {
    Set<String> read = new LinkedHashSet<>();
    node.inputs().forEach(input -> read.addAll(weights.getOrDefault(input, Set.of())));
    return read;
  }

  private long parameters(Set<String> read) {
    return read.stream()
        .filter(name -> slots.containsKey(name) && counted.add(name))
        .mapToLong(name -> slots.get(name).length())
        .sum();
  }

  private String module(OpNode node, Set<String> read) {
    String common = null;
    for (String name : read) {
      String module = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : "";
      common = common == null ? module : commonModule(common, module);
    }
    String tapped = modules.get(node.outputs().get(0));
    if (common == null || (common.isEmpty() && tapped != null)) {
      common = tapped == null ? "" : tapped;
    }
    return common;
  }

  private static String commonModule(String a, String b) {
    String[] left = a.split("\\.", -1);
    String[] right = b.split("\\.", -1);
    int same = 0;
    while (same < Math.min(left.length, right.length) && left[same].equals(right[same])) {
      same++;
    }
    return String.join(".", Arrays.copyOf(left, same));
  }
}
