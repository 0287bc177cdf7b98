package io.elapid.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names, shapes and places of a network's tensors, in order of declaration and without gaps: first
 * all parameters, then all buffers (the running statistics). Tensors of fixed values have names and
 * shapes only.
 */
public final class ParameterTable {
  private final List<Slot> parameters;
  private final List<Slot> buffers;
  private final List<FixedTensor> fixed;
  private final Map<String, WeightRule> rules;
  private final Map<String, Initializer> initializers;

  private ParameterTable(Builder builder) {
    this.parameters = place(builder.parameters, 0);
    this.buffers = place(builder.buffers, parameterLength());
    this.fixed = List.copyOf(builder.fixed);
    this.rules = Map.copyOf(builder.rules);
    this.initializers = Map.copyOf(builder.initializers);
  }

  private static List<Slot> place(Map<String, long[]> shapes, long start) {
    List<Slot> slots = new ArrayList<>();
    long offset = start;
    for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
      long length = Arena.elements(entry.getValue());
      slots.add(new Slot(entry.getKey(), entry.getValue(), offset, length));
      offset += length;
    }
    return List.copyOf(slots);
  }

  /** Trainable tensors. */
  public List<Slot> parameters() {
    return parameters;
  }

  /** Buffers. */
  public List<Slot> buffers() {
    return buffers;
  }

  /** Tensors that belong to the model but never change. */
  public List<FixedTensor> fixed() {
    return fixed;
  }

  /** Parameters and buffers. */
  public List<Slot> slots() {
    List<Slot> all = new ArrayList<>(parameters);
    all.addAll(buffers);
    return all;
  }

  /** Shape of each tensor by name, those of fixed values last. */
  public Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    slots().forEach(slot -> shapes.put(slot.name(), slot.shape()));
    fixed.forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
    return shapes;
  }

  /** Elements of all parameters; also the offset of the first buffer. */
  public long parameterLength() {
    return end(parameters, 0);
  }

  /** Elements of all parameters and of the tensors that never change, as papers count them. */
  public long countedLength() {
    return parameterLength() + fixed.stream().mapToLong(tensor -> tensor.values().length).sum();
  }

  /** Elements of all buffers. */
  public long bufferLength() {
    return length() - parameterLength();
  }

  /** Elements of all parameters and buffers. */
  public long length() {
    return end(buffers, parameterLength());
  }

  private static long end(List<Slot> slots, long start) {
    if (slots.isEmpty()) {
      return start;
    }
    Slot last = slots.get(slots.size() - 1);
    return last.offset() + last.length();
  }

  /** The values each tensor starts from, drawn from {@code seed} and its name. */
  public Weights initialWeights(long seed) {
    return (name, shape) -> {
      Initializer initializer = initializers.get(name);
      if (initializer == null) {
        throw new IllegalArgumentException("no parameter or buffer " + name);
      }
      return initializer.draw(seed, name, Math.toIntExact(Arena.elements(shape)));
    };
  }

  WeightRule rule(Slot slot) {
    return rules.get(slot.name());
  }

  static final class Builder {
    private final Map<String, long[]> parameters = new LinkedHashMap<>();
    private final Map<String, long[]> buffers = new LinkedHashMap<>();
    private final List<FixedTensor> fixed = new ArrayList<>();
    private final Map<String, WeightRule> rules = new LinkedHashMap<>();
    private final Map<String, Initializer> initializers = new LinkedHashMap<>();

    void parameter(String name, Initializer initializer, long... shape) {
      add(parameters, name, trainForm -> trainForm.values(name, shape), shape);
      initializers.put(name, initializer);
    }

    void buffer(String name, Initializer initializer, long... shape) {
      add(buffers, name, trainForm -> trainForm.values(name, shape), shape);
      initializers.put(name, initializer);
    }

    void derived(String name, WeightRule rule, long... shape) {
      add(parameters, name, rule, shape);
    }

    void fixed(String name, double[] values, long... shape) {
      fixed.add(new FixedTensor(name, shape, values));
    }

    private void add(Map<String, long[]> section, String name, WeightRule rule, long... shape) {
      if (rules.putIfAbsent(name, rule) != null) {
        throw new IllegalStateException("declared twice: " + name);
      }
      section.put(name, shape.clone());
    }

    ParameterTable build() {
      return new ParameterTable(this);
    }
  }
}
