package io.elapid.engine;

import io.elapid.graph.Arena;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Named arrays one after the other in native memory: inputs or outputs of a pass. */
public final class Buffers implements AutoCloseable {
  private final Arena arena;
  private final Map<String, Place> places = new LinkedHashMap<>();

  private record Place(long offset, long length, long[] shape) {}

  /** Takes memory for arrays of those shapes. */
  Buffers(Map<String, long[]> shapes, DataType type, Arena.Source arenas) {
    long end = 0;
    for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
      long length = Arrays.stream(entry.getValue()).reduce(1, Math::multiplyExact);
      places.put(entry.getKey(), new Place(end, length, entry.getValue()));
      end += length;
    }
    this.arena = arenas.take(type, end);
  }

  /**
   * The float32 array of that name, row by row; a view of its own.
   *
   * @throws IllegalArgumentException if there is none
   */
  public FloatBuffer floats(String name) {
    return bytes(name).asFloatBuffer();
  }

  /** Its bytes, in native order. */
  ByteBuffer bytes(String name) {
    Place place = place(name);
    return arena.buffer(place.offset(), place.length());
  }

  /** Its shape. */
  public long[] shape(String name) {
    return place(name).shape().clone();
  }

  INDArray array(String name) {
    Place place = place(name);
    return arena.view(place.offset(), place.shape());
  }

  private Place place(String name) {
    Place place = places.get(name);
    if (place == null) {
      throw new IllegalArgumentException(
          "there is no array '%s' among %s".formatted(name, places.keySet()));
    }
    return place;
  }

  /** Array per name. */
  Map<String, INDArray> arrays() {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    places.keySet().forEach(name -> arrays.put(name, array(name)));
    return arrays;
  }

  /** All of them in their order. */
  Arena arena() {
    return arena;
  }

  @Override
  public void close() {
    arena.close();
  }
}
