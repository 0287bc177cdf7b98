package io.elapid.graph;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network's parameters, followed by its buffers, in one stretch of an {@link Arena}, laid out as
 * its {@link ParameterTable} says.
 */
public final class Parameters {
  private final ParameterTable table;
  private final Arena arena;
  private final long start;

  /**
   * A view of part of an arena.
   *
   * @param arena owned by the caller
   * @param start first element in {@code arena}; {@link ParameterTable#length()} elements are used
   */
  public Parameters(ParameterTable table, Arena arena, long start) {
    this.table = table;
    this.arena = arena;
    this.start = start;
  }

  public ParameterTable table() {
    return table;
  }

  /** Sets every parameter and buffer from the weights of the network's train form. */
  public void load(Weights trainForm) {
    for (Slot slot : table.slots()) {
      double[] elements = table.rule(slot).values(trainForm);
      if (elements.length != slot.length()) {
        throw new IllegalArgumentException(
            "%s needs %d values, got %d".formatted(slot, slot.length(), elements.length));
      }
      write(elements, bytes(slot));
    }
  }

  /** Name to array of every parameter and buffer: what binds a graph's placeholders. */
  public Map<String, INDArray> arrays() {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    for (Slot slot : table.slots()) {
      arrays.put(slot.name(), arena.view(start + slot.offset(), slot.shape()));
    }
    return arrays;
  }

  /** The slot's elements in native byte order. */
  public ByteBuffer bytes(Slot slot) {
    return arena.buffer(start + slot.offset(), slot.length());
  }

  /** All parameters, then all buffers, in native byte order. */
  public ByteBuffer bytes() {
    return arena.buffer(start, table.length());
  }

  private void write(double[] elements, ByteBuffer memory) {
    if (arena.type() == DataType.DOUBLE) {
      memory.asDoubleBuffer().put(elements);
      return;
    }
    var out = memory.asFloatBuffer();
    for (double element : elements) {
      out.put((float) element);
    }
  }
}
