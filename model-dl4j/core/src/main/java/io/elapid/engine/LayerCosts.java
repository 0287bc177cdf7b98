package io.elapid.engine;

import io.elapid.graph.Slot;
import io.elapid.graph.StandIns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/** Walks a graph from producer to consumer and notes shapes, parameters and work of each step. */
final class LayerCosts {
  private final Blueprint blueprint;
  private final StandIns standIns = new StandIns();
  private final Map<String, INDArray> arrays = new HashMap<>();
  private final Set<String> constants = new LinkedHashSet<>();
  private final Map<String, Slot> slots = new HashMap<>();
  private final Map<String, Set<String>> weights = new HashMap<>();
  private final Map<String, String> modules = new HashMap<>();
  private final Set<String> counted = new LinkedHashSet<>();
  private final List<LayerCost> layers = new ArrayList<>();

  LayerCosts(Blueprint blueprint) {
    this.blueprint = blueprint;
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
    INDArray[] inputs = node.inputs().stream().map(this::array).toArray(INDArray[]::new);
    List<long[]> outputs = Shapes.outputs(node, inputs);
    if (constants.containsAll(node.inputs()) || node.readsShapeOnly()) {
      fold(node, inputs, outputs);
      return;
    }
    for (int i = 0; i < outputs.size(); i++) {
      String name = node.outputs().get(i);
      arrays.put(name, standIns.of(variable(name).dataType(), outputs.get(i)));
    }
    Set<String> read = weights(node);
    if (node.isView()) {
      weights.put(node.outputs().get(0), read);
    } else {
      layers.add(
          new LayerCost(
              module(node, read),
              node.op().opName(),
              outputs.get(0),
              parameters(read),
              OpWork.multiplyAccumulates(node, inputs)));
    }
  }

  private SDVariable variable(String name) {
    return blueprint.graph().getVariable(name);
  }

  private INDArray array(String name) {
    return arrays.computeIfAbsent(
        name,
        missing -> {
          SDVariable variable = variable(missing);
          if (variable.isPlaceHolder()) {
            return standIns.of(variable.dataType(), variable.getShape());
          }
          constants.add(missing);
          return variable.getArr();
        });
  }

  /** Shape functions read the content of constants, such as the new shape of a reshape. */
  private void fold(OpNode node, INDArray[] inputs, List<long[]> outputs) {
    OpContext context = Shapes.context(node.op(), inputs);
    for (int i = 0; i < outputs.size(); i++) {
      String name = node.outputs().get(i);
      INDArray output = Nd4j.create(variable(name).dataType(), outputs.get(i));
      context.setOutputArray(i, output);
      arrays.put(name, output);
      constants.add(name);
    }
    Nd4j.getExecutioner().exec(node.op(), context);
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
