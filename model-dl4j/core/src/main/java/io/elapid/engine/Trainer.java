package io.elapid.engine;

import io.elapid.checkpoint.DType;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.Arena;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Scope;
import io.elapid.graph.Slot;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.Tensor;
import io.elapid.op.OpRegistry;
import io.elapid.op.OpRunner;
import io.elapid.optim.AdamW;
import io.elapid.optim.Ema;
import io.elapid.optim.FlatVector;
import io.elapid.optim.GradientClip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

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
  private static final int NAMED_SAMPLES = 8;
  private static final String STEP = "step";

  private final Owner owner = new Owner();
  private final OpRunner runner = OpRegistry.register();
  private final TrainerSettings<B> settings;
  private final Network<B> network;
  private final TrainingState state;
  private final List<ShardLane> lanes = new ArrayList<>();
  private final StepLayout layout;
  private final AdamW optimizer;
  private final List<OptimizerKernel.Units> units;
  private final List<Stretch> statistics;
  private final ProgramCache<AnswerProgram<B>> average;
  private final WorkingMemory averageWorking;
  private final List<Slot> parameters;
  private final List<ByteBuffer> still;
  private boolean describing;
  private List<GradientHistogram> described = List.of();

  /** Builds the network and draws its initial weights; it is compiled when it is first needed. */
  public Trainer(TrainerSettings<B> settings) {
    ThreadBudget.use(settings.threads());
    this.settings = settings;
    this.network = settings.network();
    if (network.learnsFromAverage() && settings.emaDecay() == 0) {
      throw new IllegalArgumentException("no moving average is kept that could teach");
    }
    Blueprint blueprint = blueprint(settings, settings.usual());
    ParameterTable table = blueprint.table();
    settings.rules().requireFitting(network.name(), table);
    this.state = new TrainingState(table, settings.emaDecay() > 0);
    this.average = new ProgramCache<>(ShardLane.CACHED_SHAPES, this::compileAverage);
    this.averageWorking = new WorkingMemory(average::clear);
    this.layout = new StepLayout(table.parameterLength(), table.bufferLength(), network.figures());
    this.optimizer =
        new AdamW(
            settings.optimizer(),
            settings.rules().ranges(table),
            state.firstMoment(),
            state.secondMoment());
    this.units = settings.rules().units(table);
    this.statistics = Stretch.ofStatistics(blueprint);
    this.parameters = table.parameters();
    this.still = still(blueprint);
    state.parameters().load(table.initialWeights(settings.seed()));
    state.restartAverage();
  }

  /** What no update changes: frozen parameters, and running statistics that do not move. */
  private List<ByteBuffer> still(Blueprint blueprint) {
    Set<String> moving = blueprint.scope().batchStatistics().keySet();
    return Stream.concat(
            parameters.stream().filter(slot -> settings.rules().freezing().freezes(slot.name())),
            blueprint.table().buffers().stream().filter(slot -> !moving.contains(slot.name())))
        .flatMap(slot -> state.places(slot).stream())
        .toList();
  }

  private ShardLane lane(int index) {
    while (lanes.size() <= index) {
      lanes.add(new ShardLane(this::compile));
    }
    return lanes.get(index);
  }

  private ShardProgram compile(Frame frame, ProgramMemory memory) {
    Blueprint blueprint = blueprint(settings, frame);
    return ShardProgram.compile(blueprint, network.figures(), state.parameters(), Set.of(), memory);
  }

  private AnswerProgram<B> compileAverage(Frame frame) {
    Blueprint blueprint = Blueprint.answering(network, frame, DataType.FLOAT, Mode.EVAL);
    return new AnswerProgram<>(
        network, blueprint, state.averageParameters(blueprint.table()), averageWorking);
  }

  private static Blueprint blueprint(TrainerSettings<?> settings, Frame frame) {
    Scope scope =
        Scope.root(
            SameDiff.create(),
            DataType.FLOAT,
            Mode.TRAIN,
            settings.rules().freezing(),
            settings.statistics());
    return Blueprint.learning(settings.network(), frame, scope)
        .with(settings.recomputation().rewrites());
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
    ShardProgram shard = loaded(lane(0), batch);
    listener.begins(shard.vector().buffer());
    shard.run(observer, listener);
    return finished(shard, batch);
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

  private ShardProgram loaded(ShardLane lane, B batch) {
    owner.check();
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
    ByteBuffer sum = summed.duplicate().clear().order(ByteOrder.nativeOrder());
    if (sum.limit() < layout.length() * Float.BYTES || shards < 1) {
      throw new IllegalArgumentException(
          "%d shards in a vector of %d bytes; %d numbers needed"
              .formatted(shards, sum.limit(), layout.length()));
    }
    OptimizerKernel kernel = runner.kernels().optimizer();
    FlatVector gradients = part(sum, 0, layout.gradients());
    double norm = GradientClip.norm(kernel, gradients) / shards;
    StepStats stats = layout.stats(sum.asFloatBuffer(), shards, norm);
    requireFinite("loss", stats.loss());
    requireFinite("norm of the gradient", norm);
    described =
        describing
            ? GradientHistogram.of(parameters, sum.asFloatBuffer(), 1.0 / shards)
            : List.of();
    describing = false;
    double scale = GradientClip.coefficient(norm, settings.clip().norm()) / shards;
    if (settings.clip().adaptive() > 0) {
      GradientClip.adapt(
          kernel, state.weights(), gradients, units, settings.clip().adaptive(), scale);
    }
    optimizer.update(
        kernel, new AdamW.Step(state.weights(), gradients, scale, learningRate, weightAverage()));
    for (Stretch moving : statistics) {
      FlatVector running = state.buffers(moving);
      FlatVector batch = part(sum, layout.gradients() + moving.from(), moving.length());
      kernel.blend(running.tensor(), moving.kept(), batch.tensor(), (1 - moving.kept()) / shards);
      if (settings.emaDecay() > 0) {
        new Ema(settings.emaDecay()).update(kernel, state.averageBuffers(moving), running);
      }
    }
    runner.settle();
    return stats;
  }

  /** Has the next update describe its gradients, before they are clipped. */
  public void describeGradients() {
    describing = true;
  }

  /** The last update's gradients by layer, means over shards; empty unless it was asked to. */
  public List<GradientHistogram> gradients() {
    return described;
  }

  private static FlatVector part(ByteBuffer vector, long from, long length) {
    int start = Math.toIntExact(from * Float.BYTES);
    return FlatVector.floats(vector.slice(start, Math.toIntExact(length * Float.BYTES)));
  }

  private Optional<AdamW.Average> weightAverage() {
    return settings.emaDecay() > 0
        ? Optional.of(new AdamW.Average(state.averageWeights(), new Ema(settings.emaDecay())))
        : Optional.empty();
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
    tensors.add(NamedTensor.scalar(STEP, optimizer.steps()));
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
    }
    state.loadMoments(optimizerState);
    NamedTensor step = optimizerState.get(STEP);
    if (step == null || step.type() != DType.I64) {
      throw new InputException(
          "the optimiser state of the checkpoint does not say how many steps it had made",
          "start from the checkpoint's weights instead of resuming");
    }
    optimizer.resumeAt(step.longs().get(0));
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
    List<byte[]> kept = still.stream().map(Trainer::copy).toList();
    state.all().put(average.duplicate().clear());
    for (int i = 0; i < kept.size(); i++) {
      still.get(i).duplicate().put(kept.get(i));
    }
  }

  private static byte[] copy(ByteBuffer memory) {
    byte[] bytes = new byte[memory.remaining()];
    memory.duplicate().get(bytes);
    return bytes;
  }

  /**
   * As {@link #loadAverage(ByteBuffer)}, after so many updates, wherever they were made.
   *
   * @param steps the t of the optimiser's bias correction
   */
  public void loadAverage(ByteBuffer average, long steps) {
    loadAverage(average);
    optimizer.resumeAt(steps);
  }

  /**
   * Goes on where another trainer wrote its {@linkplain #averagingShare share} with weight 1.
   *
   * @param steps that it had done
   */
  public void loadShare(ByteBuffer share, long steps) {
    owner.check();
    state.all().put(share.duplicate().clear());
    optimizer.resumeAt(steps);
  }

  /** The compiled pass, for profiles. */
  StepProgram program() {
    return lane(0).forShape(settings.usual()).program();
  }

  /** Where the memory of this trainer goes. */
  public MemoryUse memory() {
    return lane(0).forShape(settings.usual()).memory(state.bytes());
  }

  /** Names, shapes and number of the tensors that a trainer would train; needs a backend. */
  public static ParameterTable tensors(TrainerSettings<?> settings) {
    return blueprint(settings, settings.usual()).table();
  }

  /**
   * Batch norms that would have one value of each channel to normalise, by name: nothing below them
   * would be trained.
   */
  public static List<String> normsOfOneValue(TrainerSettings<?> settings) {
    return blueprint(settings, settings.usual()).normsOfOneValue();
  }

  /** What memory a trainer would take, found out without taking it. */
  public static MemoryUse plan(TrainerSettings<?> settings) {
    Blueprint blueprint = blueprint(settings, settings.usual());
    List<Figure> figures = settings.network().figures();
    Arena.Source planned = Arena.planned();
    try (TrainingState state =
            new TrainingState(blueprint.table(), settings.emaDecay() > 0, planned);
        ShardProgram shard =
            ShardProgram.compile(blueprint, figures, state.parameters(), Set.of(), planned)) {
      return shard.memory(state.bytes());
    }
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
                optimizer.steps(),
                ids.subList(0, Math.min(NAMED_SAMPLES, ids.size())),
                shard.firstNotFinite()));
  }

  private void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new DivergenceException(
          "the %s is %s at step %d".formatted(what, value, optimizer.steps()));
    }
  }

  @Override
  public void close() {
    average.close();
    averageWorking.close();
    lanes.forEach(ShardLane::close);
    state.close();
  }
}
