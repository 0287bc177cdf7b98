package io.elapid.engine.rewrite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/** Computes once what several operations of one kind compute from the same inputs. */
final class CommonSubexpressions implements Rewrite {
  /** Everything that the outputs follow from. */
  private record Key(
      String kind,
      List<String> inputs,
      List<Long> integers,
      List<Double> reals,
      List<Boolean> flags,
      List<Object> types) {
    static Key of(DynamicCustomOp op, List<String> inputs) {
      List<Boolean> flags = new ArrayList<>();
      for (boolean flag : op.bArgs()) {
        flags.add(flag);
      }
      return new Key(
          op.opName(),
          inputs,
          Arrays.stream(op.iArgs()).boxed().toList(),
          Arrays.stream(op.tArgs()).boxed().toList(),
          flags,
          List.of((Object[]) op.dArgs()));
    }
  }

  @Override
  public void apply(OpGraph graph) {
    Map<Key, OpNode> first = new HashMap<>();
    Map<String, String> same = new HashMap<>();
    for (OpNode node : graph.nodes()) {
      if (node.op().opName().startsWith("random")) {
        continue;
      }
      List<String> inputs = node.inputs().stream().map(i -> same.getOrDefault(i, i)).toList();
      OpNode earlier = first.putIfAbsent(Key.of(node.op(), inputs), node);
      if (earlier != null) {
        Map<String, String> sources = new LinkedHashMap<>();
        for (int i = 0; i < node.outputs().size(); i++) {
          sources.put(node.outputs().get(i), earlier.outputs().get(i));
        }
        same.putAll(sources);
        graph.alias(node, sources);
      }
    }
  }
}
