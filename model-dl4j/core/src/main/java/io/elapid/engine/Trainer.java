package io.elapid.engine;

import io.elapid.checkpoint.DType;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.Arena;
import io.elapid.graph.ParameterTable;
import io.elapid.kernel.Tensor;
import io.elapid.op.OpRegistry;
import io.elapid.op.OpRunner;
import io.elapid.optim.FlatVector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One rank's part of training a network: gradients of a shard, and the update that every rank makes
 * alike from the sum over all shards.
 *
 * <p>Owns the native memory of model, optimiser and intermediate results until {@link #close()}.
 * Belongs to the thread that made it.
 *
 * @param <B> batches that the network learns from
 */
public final class Trainer<B extends ImageBatch> implements AutoCloseable {
  private static final String STEP = "step";

  private final Owner owner = new Owner();
  private final OpRunner runner = OpRegistry.register();
  private final TrainerSettings<B> settings;
  private final Network<B> network;
  private final TrainingState state;
  private final RestingTensors resting;
  private final StepLayout layout;
  private final Update update;
  private final ShardPasses<B> passes;

  /** Builds the network and draws its initial weights; it is compiled when it is first needed. */
  public Trainer(TrainerSettings<B> settings) {
    ThreadBudget.use(settings.threads());
    this.settings = settings;
    this.network = settings.network();
    if (network.learnsFromAverage() && settings.emaDecay() == 0) {
      throw new IllegalArgumentException("no moving average is kept that could teach");
    }
    Blueprint blueprint = settings.blueprint(settings.usual());
    ParameterTable table = blueprint.table();
    settings.rules().requireFitting(network.name(), table);
    this.state = new TrainingState(table, settings.emaDecay() > 0);
    this.resting = new RestingTensors(settings, blueprint, state);
    this.layout = new StepLayout(table.parameterLength(), table.bufferLength(), network.figures());
    this.update = new Update(settings, blueprint, state, layout, resting);
    this.passes = new ShardPasses<>(settings, state, layout, update::steps);
    state.parameters().load(table.initialWeights(settings.seed()));
    state.restartAverage();
  }

  /** Number of float32 elements of the vector that shards contribute. */
  public int vectorLength() {
    return layout.length();
  }

  /** How many of them, from the first one on, are gradients. */
  public int gradientLength() {
    return Math.toIntExact(layout.gradients());
  }

  /**
   * Gradients of one full batch in any frame. What is random in the network follows from the
   * samples' seeds.
   *
   * @return direct, native order, to be summed over shards: gradients of the mean loss, means and
   *     unbiased variances of every batch norm, then loss, the network's figures, samples. The same
   *     memory at every call.
   * @throws DivergenceException if the loss is not finite
   */
  public ByteBuffer computeShard(B batch) {
    return computeShard(batch, GradientListener.NONE);
  }

  /**
   * As {@link #computeShard(ImageBatch)}, telling {@code listener} which gradients are final
   * already.
   */
  public ByteBuffer computeShard(B batch, GradientListener listener) {
    return computeShard(batch, StepProgram.UNOBSERVED, listener);
  }

  /** As {@link #computeShard(ImageBatch)}, telling {@code observer} about every operation. */
  public ByteBuffer computeShard(B batch, StepProgram.Observer observer) {
    return computeShard(batch, observer, GradientListener.NONE);
  }

  /** Both. */
  public ByteBuffer computeShard(
      B batch, StepProgram.Observer observer, GradientListener listener) {
    owner.check();
    return passes.run(batch, observer, listener);
  }

  /**
   * Gradients of several shards of one batch, which meet with each other and with those of other
   * ranks wherever they take statistics of the whole batch. Each takes memory of its own for as
   * long as this trainer lives.
   *
   * @param batches one for each shard, in their order
   * @return what {@link #computeShard(ImageBatch)} returns, for each; the same memory at every call
   * @throws DivergenceException if a loss, or what a shard tells the others, is not finite
   */
  public List<ByteBuffer> computeShards(
      List<B> batches, ShardMeeting meeting, StepProgram.Observer observer) {
    owner.check();
    return passes.run(batches, meeting, observer);
  }

  /**
   * Updates the model: mean over shards, clipping, AdamW, running statistics, moving average.
   *
   * @param summed the sum of all shards' vectors; its gradients are clipped in place where each
   *     unit is clipped by itself
   * @throws DivergenceException if the loss or the gradient's norm is not finite; the model is then
   *     unchanged
   */
  public StepStats apply(ByteBuffer summed, int shards, double learningRate) {
    owner.check();
    StepStats stats = update.apply(runner.kernels().optimizer(), summed, shards, learningRate);
    runner.settle();
    return stats;
  }

  /** Has the next update describe its gradients, before they are clipped. */
  public void describeGradients() {
    update.describeGradients();
  }

  /** The last update's gradients by layer, means over shards; empty unless it was asked to. */
  public List<GradientHistogram> gradients() {
    return update.gradients();
  }

  /** Parameters and running statistics under their official names: views, valid until changed. */
  public List<NamedTensor> model() {
    return state.modelTensors();
  }

  /** The moving average under the same names; empty if there is none. */
  public List<NamedTensor> ema() {
    return state.averageTensors();
  }

  /** What else it takes to go on: moments of the optimiser and the number of updates. */
  public List<NamedTensor> state() {
    List<NamedTensor> tensors = new ArrayList<>(state.momentTensors());
    tensors.add(NamedTensor.scalar(STEP, update.steps()));
    return tensors;
  }

  /**
   * Starts from given weights, with fresh moments and average.
   *
   * @throws InputException if they are not those of this model
   */
  public void load(Map<String, NamedTensor> model) {
    owner.check();
    NamedWeights.load(network.name(), model, state.parameters());
    state.restartAverage();
    resting.look();
  }

  /**
   * Goes on where {@link #model()}, {@link #ema()} and {@link #state()} were taken.
   *
   * @param ema may be empty; then the average starts from the model
   * @throws InputException if they are not those of this model
   */
  public void restore(
      Map<String, NamedTensor> model,
      Map<String, NamedTensor> ema,
      Map<String, NamedTensor> optimizerState) {
    load(model);
    if (settings.emaDecay() > 0 && !ema.isEmpty()) {
      state.loadAverage(network.name(), ema);
      resting.look();
    }
    state.loadMoments(optimizerState);
    NamedTensor step = optimizerState.get(STEP);
    if (step == null || step.type() != DType.I64) {
      throw new InputException(
          "the optimiser state of the checkpoint does not say how many steps it had made",
          "start from the checkpoint's weights instead of resuming");
    }
    update.resumeAt(step.longs().get(0));
  }

  /**
   * Number of float32 elements of what averaging over ranks averages: parameters, running
   * statistics, moments, moving average.
   */
  public int averagedLength() {
    return state.all().capacity() / Float.BYTES;
  }

  /**
   * Writes what this rank adds to the average of all ranks.
   *
   * @param weight of this rank; over all ranks they add up to 1
   * @param share receives {@link #averagedLength} floats
   */
  public void averagingShare(double weight, ByteBuffer share) {
    owner.check();
    Tensor mine = FlatVector.floats(state.all()).tensor();
    ByteBuffer target = share.duplicate().clear();
    runner.kernels().optimizer().scale(mine, weight, FlatVector.floats(target).tensor());
    runner.settle();
  }

  /**
   * Goes on from the average: the sum of all ranks' shares. What does not move is not taken from
   * it: rounding makes another number of the average of equal ones.
   */
  public void loadAverage(ByteBuffer average) {
    owner.check();
    resting.keepThrough(() -> state.all().put(average.duplicate().clear()));
  }

  /**
   * As {@link #loadAverage(ByteBuffer)}, after so many updates, wherever they were made.
   *
   * @param steps the t of the optimiser's bias correction
   */
  public void loadAverage(ByteBuffer average, long steps) {
    loadAverage(average);
    update.resumeAt(steps);
  }

  /**
   * Goes on where another trainer wrote its {@linkplain #averagingShare share} with weight 1.
   *
   * @param steps that it had done
   */
  public void loadShare(ByteBuffer share, long steps) {
    owner.check();
    state.all().put(share.duplicate().clear());
    resting.look();
    update.resumeAt(steps);
  }

  /** The compiled pass, for profiles. */
  StepProgram program() {
    return passes.usual().program();
  }

  /** Where the memory of this trainer goes. */
  public MemoryUse memory() {
    return passes.usual().memory(state.bytes());
  }

  /** Names, shapes and number of the tensors that a trainer would train; needs a backend. */
  public static ParameterTable tensors(TrainerSettings<?> settings) {
    return settings.blueprint(settings.usual()).table();
  }

  /**
   * Batch norms that would have one value of each channel to normalise, by name: nothing below them
   * would be trained.
   */
  public static List<String> normsOfOneValue(TrainerSettings<?> settings) {
    return settings.blueprint(settings.usual()).normsOfOneValue();
  }

  /** What memory a trainer would take, found out without taking it. */
  public static MemoryUse plan(TrainerSettings<?> settings) {
    Blueprint blueprint = settings.blueprint(settings.usual());
    List<Figure> figures = settings.network().figures();
    Arena.Source planned = Arena.planned();
    try (TrainingState state =
            new TrainingState(blueprint.table(), settings.emaDecay() > 0, planned);
        ShardProgram shard =
            ShardProgram.compile(blueprint, figures, state.parameters(), Set.of(), planned)) {
      return shard.memory(state.bytes());
    }
  }

  @Override
  public void close() {
    passes.close();
    state.close();
  }
}
