package io.elapid.engine;

import io.elapid.graph.Scope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Where a network's graph meets what is outside: declared while the network is built, once for each
 * graph. All arrays have the graph's type, float32 in training and evaluation.
 */
public final class Ports {
  /** Name of the pictures among the inputs. */
  public static final String IMAGES = "images";

  private final Scope scope;
  private final Frame frame;
  private final SDVariable images;
  private final Map<String, long[]> inputs = new LinkedHashMap<>();
  private final Map<String, Output> outputs = new LinkedHashMap<>();
  private final Map<String, SDVariable> figures = new LinkedHashMap<>();

  /** A variable that is read after a pass. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Output(SDVariable value, long[] shape) {}

  /** Of a graph that nothing has been declared for. */
  public Ports(Scope scope, Frame frame) {
    this.scope = scope;
    this.frame = frame;
    this.images = input(IMAGES, frame.shape());
  }

  /** Sizes that the graph is for. */
  public Frame frame() {
    return frame;
  }

  /** Normalised pictures, (batch, 3, height, width). */
  public SDVariable images() {
    return images;
  }

  /**
   * An array that is written before every pass.
   *
   * @param shape of a scalar if empty
   */
  public SDVariable input(String name, long... shape) {
    requireNew(inputs, name);
    inputs.put(name, shape.clone());
    return scope.graph().placeHolder(name, scope.dataType(), shape);
  }

  /** An array to be read after every pass. */
  public void output(String name, SDVariable value, long... shape) {
    requireNew(outputs, name);
    outputs.put(name, new Output(value, shape.clone()));
  }

  /**
   * A scalar that is one of the network's {@linkplain Network#figures figures}.
   *
   * @param value a variable of its own: neither the loss nor another figure
   */
  public void figure(String name, SDVariable value) {
    requireNew(figures, name);
    figures.put(name, value);
  }

  private static void requireNew(Map<String, ?> ports, String name) {
    if (ports.containsKey(name)) {
      throw new IllegalArgumentException("'%s' is declared twice".formatted(name));
    }
  }

  /** Name to shape, the pictures first. */
  public Map<String, long[]> inputs() {
    return Collections.unmodifiableMap(inputs);
  }

  /** Name to what is read under it, in the order of declaration. */
  public Map<String, Output> outputs() {
    return Collections.unmodifiableMap(outputs);
  }

  Map<String, SDVariable> figures() {
    return Collections.unmodifiableMap(figures);
  }
}
