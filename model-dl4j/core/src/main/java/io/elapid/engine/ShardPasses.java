package io.elapid.engine;

import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.Mode;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Forward and backward passes of a training network, a shard each. Compiled for a frame when it
 * first comes up; the memory that they work in is theirs until {@link #close()}.
 */
final class ShardPasses<B extends ImageBatch> implements AutoCloseable {
  private static final int NAMED_SAMPLES = 8;

  private final TrainerSettings<B> settings;
  private final Network<B> network;
  private final TrainingState state;
  private final StepLayout layout;
  private final LongSupplier step;
  private final List<ShardLane> lanes = new ArrayList<>();
  private final ProgramCache<AnswerProgram<B>> average;
  private final WorkingMemory averageWorking;

  /**
   * @param state read at every pass; owned by the caller
   * @param step at which a loss that is not finite is reported
   */
  ShardPasses(
      TrainerSettings<B> settings, TrainingState state, StepLayout layout, LongSupplier step) {
    this.settings = settings;
    this.network = settings.network();
    this.state = state;
    this.layout = layout;
    this.step = step;
    this.average = new ProgramCache<>(settings.frames(), this::compileAverage);
    this.averageWorking = new WorkingMemory(average::clear);
  }

  /** One shard: see {@link Trainer#computeShard(ImageBatch)}. */
  ByteBuffer run(B batch, StepProgram.Observer observer, GradientListener listener) {
    ShardProgram shard = loaded(lane(0), batch);
    listener.begins(shard.vector().buffer());
    shard.run(observer, listener);
    return finished(shard, batch);
  }

  /** Several side by side: see {@link Trainer#computeShards}. */
  List<ByteBuffer> run(List<B> batches, ShardMeeting meeting, StepProgram.Observer observer) {
    List<ShardProgram> shards = new ArrayList<>();
    for (B batch : batches) {
      shards.add(loaded(lane(shards.size()), batch));
    }
    Lockstep.run(
        shards.stream().map(shard -> shard.pass(observer)).toList(),
        meeting,
        (shard, where, share) ->
            requireFiniteShare(where, share, shards.get(shard), batches.get(shard)));
    List<ByteBuffer> vectors = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      vectors.add(finished(shards.get(shard), batches.get(shard)));
    }
    return vectors;
  }

  /** The program of the usual frame. */
  ShardProgram usual() {
    return lane(0).forShape(settings.usual());
  }

  private ShardLane lane(int index) {
    while (lanes.size() <= index) {
      lanes.add(new ShardLane(settings.frames(), this::compile));
    }
    return lanes.get(index);
  }

  private ShardProgram compile(Frame frame, ProgramMemory memory) {
    return ShardProgram.compile(
        settings.blueprint(frame), network.figures(), state.parameters(), Set.of(), memory);
  }

  private AnswerProgram<B> compileAverage(Frame frame) {
    Blueprint blueprint = Blueprint.answering(network, frame, DataType.FLOAT, Mode.EVAL);
    return new AnswerProgram<>(
        network, blueprint, state.averageParameters(blueprint.table()), averageWorking);
  }

  private ShardProgram loaded(ShardLane lane, B batch) {
    requireFitting(batch);
    ShardProgram shard = lane.forShape(Frame.of(batch));
    shard.load(batch);
    network.teach(batch, shard.inputs(), this::askAverage);
    return shard;
  }

  private Buffers askAverage(B batch) {
    AnswerProgram<B> program = average.forShape(Frame.of(batch));
    program.load(batch);
    return program.run();
  }

  private ByteBuffer finished(ShardProgram shard, B batch) {
    ByteBuffer vector = shard.vector().buffer();
    FloatBuffer values = vector.asFloatBuffer();
    requireFiniteLoss(values.get(layout.loss()), shard, batch);
    network
        .count(batch, shard.outputs())
        .forEach((figure, value) -> values.put(layout.figure(figure), value.floatValue()));
    values.put(layout.samples(), batch.size());
    return vector;
  }

  private void requireFitting(B batch) {
    int samples = settings.usual().batch();
    if (batch.size() != samples || batch.capacity() != samples) {
      throw new IllegalArgumentException(
          "%d samples in a batch for %d, of a trainer of %d"
              .formatted(batch.size(), batch.capacity(), samples));
    }
  }

  private void requireFiniteLoss(float loss, ShardProgram shard, B batch) {
    if (!Float.isFinite(loss)) {
      throw diverged("the loss of a shard is " + loss, shard, batch);
    }
  }

  private void requireFiniteShare(String where, double[] share, ShardProgram shard, B batch) {
    for (double number : share) {
      if (!Double.isFinite(number)) {
        throw diverged(
            "a shard has %s to tell the others in %s".formatted(number, where), shard, batch);
      }
    }
  }

  private DivergenceException diverged(String what, ShardProgram shard, B batch) {
    List<String> ids = batch.ids();
    return new DivergenceException(
        "%s at step %d; its samples: %s; %s"
            .formatted(
                what,
                step.getAsLong(),
                ids.subList(0, Math.min(NAMED_SAMPLES, ids.size())),
                shard.firstNotFinite()));
  }

  @Override
  public void close() {
    average.close();
    averageWorking.close();
    lanes.forEach(ShardLane::close);
  }
}
