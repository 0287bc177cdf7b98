package io.elapid.engine;

import io.elapid.graph.Slot;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.optim.Ema;
import io.elapid.optim.FlatVector;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tensors that no update moves: frozen parameters, and running statistics that are gone by. Where
 * they moved before, in a run that has been resumed with more of them, their moving averages still
 * have to come to them.
 */
final class RestingTensors {
  private final TrainingState state;
  private final double decay;
  private final List<Slot> all;
  private List<Slot> lagging = List.of();

  RestingTensors(TrainerSettings<?> settings, Blueprint blueprint, TrainingState state) {
    Set<String> moving = blueprint.scope().batchStatistics().keySet();
    this.state = state;
    this.decay = settings.emaDecay();
    this.all =
        Stream.concat(
                blueprint.table().parameters().stream()
                    .filter(slot -> settings.rules().freezing().freezes(slot.name())),
                blueprint.table().buffers().stream().filter(slot -> !moving.contains(slot.name())))
            .toList();
  }

  /** Finds out which averages lag, after the state was loaded. */
  void look() {
    lagging = all.stream().filter(state::lags).toList();
  }

  /** A step of the averages that lag; one that is there stays as it is, rounding would move it. */
  void moveAverages(OptimizerKernel kernel) {
    lagging = lagging.stream().filter(state::lags).toList();
    for (Slot slot : lagging) {
      new Ema(decay)
          .update(
              kernel,
              FlatVector.floats(state.averagePlace(slot)),
              FlatVector.floats(state.place(slot)));
    }
  }

  /** Makes a change of the whole state that leaves these, and averages that do not move. */
  void keepThrough(Runnable change) {
    List<ByteBuffer> places =
        all.stream()
            .flatMap(slot -> Stream.concat(Stream.of(state.place(slot)), restingAverage(slot)))
            .toList();
    List<byte[]> kept = places.stream().map(RestingTensors::copy).toList();
    change.run();
    for (int i = 0; i < kept.size(); i++) {
      places.get(i).duplicate().put(kept.get(i));
    }
  }

  private Stream<ByteBuffer> restingAverage(Slot slot) {
    return decay == 0 || lagging.contains(slot)
        ? Stream.empty()
        : Stream.of(state.averagePlace(slot));
  }

  private static byte[] copy(ByteBuffer memory) {
    byte[] bytes = new byte[memory.remaining()];
    memory.duplicate().get(bytes);
    return bytes;
  }
}
