package io.elapid.engine;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.graph.Arena;
import io.elapid.graph.FixedTensor;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Parameters;
import io.elapid.graph.Slot;
import io.elapid.optim.FlatVector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Everything that a training step changes, in one float32 arena: parameters, buffers, first and
 * second moments, and the moving average of parameters and buffers if there is one.
 */
final class TrainingState implements AutoCloseable {
  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";

  private final ParameterTable table;
  private final Arena arena;
  private final Parameters parameters;
  private final boolean averaged;

  TrainingState(ParameterTable table, boolean averaged) {
    this(table, averaged, EngineMemory::take);
  }

  TrainingState(ParameterTable table, boolean averaged, Arena.Source arenas) {
    long length = table.length() + 2 * table.parameterLength() + (averaged ? table.length() : 0);
    this.table = table;
    this.arena = arenas.take(DataType.FLOAT, length);
    this.parameters = new Parameters(table, arena, 0);
    this.averaged = averaged;
  }

  Parameters parameters() {
    return parameters;
  }

  FlatVector weights() {
    return vector(0, table.parameterLength());
  }

  /** Some of the buffers. */
  FlatVector buffers(Stretch some) {
    return vector(table.parameterLength() + some.from(), some.length());
  }

  FlatVector firstMoment() {
    return vector(firstMomentAt(), table.parameterLength());
  }

  FlatVector secondMoment() {
    return vector(secondMomentAt(), table.parameterLength());
  }

  /** The average's part that belongs to {@link #weights()}. */
  FlatVector averageWeights() {
    return vector(averageAt(), table.parameterLength());
  }

  /** The average's part that belongs to {@link #buffers}. */
  FlatVector averageBuffers(Stretch some) {
    return vector(averageAt() + table.parameterLength() + some.from(), some.length());
  }

  /**
   * The average as the weights of the network's evaluation form.
   *
   * @param form declares the same tensors in the same order
   */
  Parameters averageParameters(ParameterTable form) {
    if (!form.slots().toString().equals(table.slots().toString())) {
      throw new IllegalStateException("the forms of a network differ in their tensors");
    }
    return new Parameters(form, arena, averageAt());
  }

  /** Where a tensor of the model lies. */
  ByteBuffer place(Slot slot) {
    return arena.buffer(slot.offset(), slot.length());
  }

  /** Where the average of a tensor of the model lies, if there is one. */
  ByteBuffer averagePlace(Slot slot) {
    return arena.buffer(averageAt() + slot.offset(), slot.length());
  }

  /** Whether a tensor of the model has an average that differs from it. */
  boolean lags(Slot slot) {
    return averaged && !averagePlace(slot).equals(place(slot));
  }

  /** All of it. */
  ByteBuffer all() {
    return arena.buffer();
  }

  long bytes() {
    return arena.bytes();
  }

  /** Lets the moving average start from the model. */
  void restartAverage() {
    if (averaged) {
      arena.buffer(averageAt(), table.length()).put(arena.buffer(0, table.length()));
    }
  }

  List<NamedTensor> modelTensors() {
    return modelTensors(0);
  }

  List<NamedTensor> averageTensors() {
    return averaged ? modelTensors(averageAt()) : List.of();
  }

  private List<NamedTensor> modelTensors(long start) {
    List<NamedTensor> tensors = tensors(table.slots(), "", start);
    for (FixedTensor fixed : table.fixed()) {
      float[] values = new float[fixed.values().length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) fixed.values()[i];
      }
      tensors.add(NamedTensor.floats(fixed.name(), fixed.shape(), values));
    }
    return tensors;
  }

  List<NamedTensor> momentTensors() {
    List<NamedTensor> moments = tensors(table.parameters(), FIRST, firstMomentAt());
    moments.addAll(tensors(table.parameters(), SECOND, secondMomentAt()));
    return moments;
  }

  void loadAverage(String model, Map<String, NamedTensor> tensors) {
    NamedWeights.load(model, tensors, new Parameters(table, arena, averageAt()));
  }

  void loadMoments(Map<String, NamedTensor> tensors) {
    for (NamedTensor mine : momentTensors()) {
      NamedTensor saved = tensors.get(mine.name());
      if (saved == null || saved.elements() != mine.elements()) {
        throw new InputException(
            "the optimiser state of the checkpoint does not fit the model: "
                + (saved == null ? mine.name() + " is missing" : saved + " should be " + mine),
            "resume with the recipe the checkpoint was written with, or start from its weights");
      }
      mine.floats().put(saved.floats());
    }
  }

  private List<NamedTensor> tensors(List<Slot> slots, String prefix, long start) {
    List<NamedTensor> tensors = new ArrayList<>();
    for (Slot slot : slots) {
      ByteBuffer data = arena.buffer(start + slot.offset(), slot.length());
      tensors.add(NamedTensor.floats(prefix + slot.name(), slot.shape(), data));
    }
    return tensors;
  }

  private FlatVector vector(long start, long length) {
    return FlatVector.floats(arena.buffer(start, length));
  }

  private long firstMomentAt() {
    return table.length();
  }

  private long secondMomentAt() {
    return firstMomentAt() + table.parameterLength();
  }

  private long averageAt() {
    return secondMomentAt() + table.parameterLength();
  }

  @Override
  public void close() {
    arena.close();
  }
}
