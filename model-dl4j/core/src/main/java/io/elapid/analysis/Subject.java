package io.elapid.analysis;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.engine.NamedWeights;
import io.elapid.graph.FixedTensor;
import io.elapid.graph.Parameters;
import io.elapid.graph.Slot;
import io.elapid.model.Backbone;
import io.elapid.model.Pretrained;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A network to be looked into, with its weights. Needs a backend.
 *
 * <p>The running statistics of a network that nobody has trained say nothing, and its maps would
 * fade from layer to layer; so its batch norms go by the statistics of the pictures that it is
 * shown.
 */
public final class Subject {
  private final Backbone network;
  private final Optional<Map<String, NamedTensor>> trained;
  private final long seed;

  private Subject(Backbone network, Optional<Map<String, NamedTensor>> trained, long seed) {
    this.network = network;
    this.trained = trained;
    this.seed = seed;
  }

  /** A network as training would begin with it. */
  public static Subject untrained(Backbone network, long seed) {
    return new Subject(network, Optional.empty(), seed);
  }

  /** A network with weights that say what they belong to. */
  public static Subject trained(ModelWeights weights) {
    return new Subject(Pretrained.network(weights), Optional.of(weights.tensors()), 0);
  }

  public Backbone network() {
    return network;
  }

  boolean isTrained() {
    return trained.isPresent();
  }

  /** Sets the weights of a graph of this network, which may be without its head. */
  void load(Parameters parameters) {
    if (trained.isEmpty()) {
      parameters.load(parameters.table().initialWeights(seed));
      return;
    }
    Map<String, NamedTensor> needed = new LinkedHashMap<>();
    for (Slot slot : parameters.table().slots()) {
      keep(slot.name(), needed);
    }
    for (FixedTensor fixed : parameters.table().fixed()) {
      keep(fixed.name(), needed);
    }
    NamedWeights.load(network.name(), needed, parameters);
  }

  private void keep(String name, Map<String, NamedTensor> needed) {
    NamedTensor tensor = trained.orElseThrow().get(name);
    if (tensor != null) {
      needed.put(name, tensor);
    }
  }
}
