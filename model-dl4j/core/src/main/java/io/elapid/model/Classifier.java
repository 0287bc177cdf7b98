package io.elapid.model;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.graph.Mode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The part of a network that depends on the number of classes, found by building it for two numbers
 * and looking at what differs. Needs a backend.
 */
public final class Classifier {
  private static final int SOME_CLASSES = 10;
  private static final int MAX_CLASSES = 1_000_000;

  private final Backbone network;
  private final Map<String, Integer> dimensions = new LinkedHashMap<>();

  /** The classifier of a network. */
  public Classifier(Backbone network) {
    this.network = network;
    Map<String, long[]> some = shapes(network, SOME_CLASSES);
    Map<String, long[]> more = shapes(network, SOME_CLASSES + 1);
    for (Map.Entry<String, long[]> entry : some.entrySet()) {
      long[] shape = entry.getValue();
      for (int d = 0; d < shape.length; d++) {
        if (shape[d] != more.get(entry.getKey())[d]) {
          dimensions.put(entry.getKey(), d);
        }
      }
    }
  }

  /** Names of its tensors. */
  public Set<String> names() {
    return dimensions.keySet();
  }

  /** How many classes the classifier in {@code tensors} tells apart; empty if there is none. */
  public Optional<Integer> classes(Map<String, NamedTensor> tensors) {
    for (Map.Entry<String, Integer> entry : dimensions.entrySet()) {
      NamedTensor tensor = tensors.get(entry.getKey());
      if (tensor != null && tensor.shape().length > entry.getValue()) {
        long classes = tensor.shape()[entry.getValue()];
        return classes < 1 || classes > MAX_CLASSES ? Optional.empty() : Optional.of((int) classes);
      }
    }
    return Optional.empty();
  }

  /** Shape by name of everything in the network's state dictionary. */
  public Map<String, long[]> expected(int classes) {
    return shapes(network, classes);
  }

  static Map<String, long[]> shapes(Backbone network, int classes) {
    return network.tensors(Mode.TRAIN, classes).shapes();
  }
}
