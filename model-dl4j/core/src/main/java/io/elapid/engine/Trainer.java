package io.elapid.engine;

import io.elapid.checkpoint.DType;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
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
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * One rank's part of training a classifier: gradients of a shard, and the update that every rank
 * makes alike from the sum over all shards.
 *
 * <p>Owns the native memory of model, optimiser and intermediate results until {@link #close()}.
 * Belongs to the thread that made it.
 */
public final class Trainer implements AutoCloseable {
  /** Share of the old value that a running statistic keeps; PyTorch calls 0.1 the momentum. */
  private static final double KEPT = 0.9;

  /** Sizes of pictures that a run may go through without compiling again. */
  private static final int CACHED_SHAPES = 4;

  private static final int NAMED_SAMPLES = 8;
  private static final String STEP = "step";

  private final Owner owner = new Owner();
  private final OpRunner runner = OpRegistry.register();
  private final TrainerSettings settings;
  private final TrainingState state;
  private final ProgramCache<ShardProgram> programs;
  private final StepLayout layout;
  private final AdamW optimizer;
  private final List<OptimizerKernel.Units> units;
  private final List<Stretch> statistics;
  private final Lessons lessons;
  private final List<Slot> parameters;
  private boolean describing;
  private List<GradientHistogram> described = List.of();

  /** Builds and compiles the network and draws its initial weights. */
  public Trainer(TrainerSettings settings) {
    ThreadBudget.use(settings.threads());
    Blueprint blueprint = blueprint(settings, input(settings));
    ParameterTable table = blueprint.table();
    settings.rules().requireFitting(settings.model().name(), table);
    this.settings = settings;
    this.state = new TrainingState(table, settings.emaDecay() > 0);
    this.programs = new ProgramCache<>(CACHED_SHAPES, input -> compile(blueprint(settings, input)));
    this.layout = programs.forShape(input(settings), input -> compile(blueprint)).layout();
    this.optimizer =
        new AdamW(
            settings.optimizer(),
            settings.rules().ranges(table),
            state.firstMoment(),
            state.secondMoment());
    this.units = settings.rules().units(table);
    this.statistics = Stretch.ofStatistics(blueprint);
    this.lessons = new Lessons(settings, state);
    this.parameters = table.parameters();
    state.parameters().load(table.initialWeights(settings.seed()));
    state.restartAverage();
  }

  private ShardProgram compile(Blueprint blueprint) {
    return ShardProgram.compile(
        blueprint,
        settings.classes(),
        settings.teaching(),
        state.parameters(),
        Set.of(),
        Arena::allocate);
  }

  private static Blueprint.Input input(TrainerSettings settings) {
    return Blueprint.Input.square(settings.samplesPerShard(), settings.imageSize());
  }

  private static Blueprint blueprint(TrainerSettings settings, Blueprint.Input input) {
    Scope scope =
        Scope.root(SameDiff.create(), DataType.FLOAT, Mode.TRAIN, settings.rules().freezing());
    return Blueprint.of(settings.model(), settings.classes(), input, scope);
  }

  /** Lets that teacher speak from now on; needed where the settings say that there is one. */
  public void teacher(Teacher teacher) {
    lessons.teacher(teacher);
  }

  /**
   * Factor on what the moving average teaches from now on. At 0, as at first, it is not asked.
   *
   * @see Teaching.ByAverage
   */
  public void lessonWeight(double weight) {
    lessons.weight(weight);
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
   * Gradients of one full batch of pictures of any one size. What is random in the network follows
   * from the samples' seeds.
   *
   * @return direct, native order, to be summed over shards: gradients of the mean loss, means and
   *     unbiased variances of every batch norm, then loss, samples with the right class on top,
   *     samples with the right class among the first five, samples. The same memory at every call
   *     with batches of one size.
   * @throws DivergenceException if the loss is not finite
   */
  public ByteBuffer computeShard(Batch batch) {
    return computeShard(batch, (from, to) -> {});
  }

  /**
   * As {@link #computeShard(Batch)}, telling {@code listener} which gradients are final already.
   */
  public ByteBuffer computeShard(Batch batch, GradientListener listener) {
    return computeShard(batch, (kind, name, nanos) -> {}, listener);
  }

  /** As {@link #computeShard(Batch)}, telling {@code observer} about every operation. */
  public ByteBuffer computeShard(Batch batch, StepProgram.Observer observer) {
    return computeShard(batch, observer, (from, to) -> {});
  }

  /** Both. */
  public ByteBuffer computeShard(
      Batch batch, StepProgram.Observer observer, GradientListener listener) {
    ShardProgram shard = loaded(batch);
    listener.begins(shard.vector().buffer());
    shard.run(observer, listener);
    return finished(shard, batch);
  }

  private ShardProgram loaded(Batch batch) {
    owner.check();
    requireFitting(batch);
    ShardProgram shard =
        programs.forShape(Blueprint.Input.square(batch.capacity(), batch.imageSize()));
    shard.load(batch);
    lessons.prepare(batch, shard.given());
    return shard;
  }

  private ByteBuffer finished(ShardProgram shard, Batch batch) {
    ByteBuffer vector = shard.vector().buffer();
    FloatBuffer values = vector.asFloatBuffer();
    requireFiniteLoss(values.get(layout.loss()), shard, batch);
    FloatBuffer logits = shard.scores().buffer().asFloatBuffer();
    int[] hits = TopHits.count(logits, settings.classes(), batch.labels(), batch.size());
    values.put(layout.top1(), hits[0]);
    values.put(layout.top5(), hits[1]);
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
    StepStats stats = stats(sum.asFloatBuffer(), shards, norm);
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
      kernel.blend(running.tensor(), KEPT, batch.tensor(), (1 - KEPT) / shards);
      if (settings.emaDecay() > 0) {
        new Ema(settings.emaDecay()).update(kernel, state.averageBuffers(moving), running);
      }
    }
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

  private StepStats stats(FloatBuffer sum, int shards, double norm) {
    double samples = sum.get(layout.samples());
    return new StepStats(
        sum.get(layout.loss()) / shards,
        sum.get(layout.top1()) / samples,
        sum.get(layout.top5()) / samples,
        norm);
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
    NamedWeights.load(settings.model().name(), model, state.parameters());
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
      state.loadAverage(settings.model().name(), ema);
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
  }

  /** Goes on from the average: the sum of all ranks' shares. */
  public void loadAverage(ByteBuffer average) {
    owner.check();
    state.all().put(average.duplicate().clear());
  }

  /** The compiled pass, for profiles. */
  StepProgram program() {
    return programs.forShape(input(settings)).program();
  }

  /** Where the memory of this trainer goes. */
  public MemoryUse memory() {
    return programs.forShape(input(settings)).memory(state.bytes());
  }

  /** What memory a trainer would take, found out without taking it. */
  public static MemoryUse plan(TrainerSettings settings) {
    Blueprint blueprint = blueprint(settings, input(settings));
    Arena.Source planned = Arena.planned();
    try (TrainingState state =
            new TrainingState(blueprint.table(), settings.emaDecay() > 0, planned);
        ShardProgram shard =
            ShardProgram.compile(
                blueprint,
                settings.classes(),
                settings.teaching(),
                state.parameters(),
                Set.of(),
                planned)) {
      return shard.memory(state.bytes());
    }
  }

  private void requireFitting(Batch batch) {
    if (batch.size() != settings.samplesPerShard()
        || batch.capacity() != settings.samplesPerShard()
        || batch.classes() != settings.classes()) {
      throw new IllegalArgumentException(
          "a batch of %d in %d pictures of side %d and %d classes for a trainer of %s"
              .formatted(
                  batch.size(), batch.capacity(), batch.imageSize(), batch.classes(), settings));
    }
  }

  private void requireFiniteLoss(float loss, ShardProgram shard, Batch batch) {
    if (!Float.isFinite(loss)) {
      List<String> ids = batch.ids();
      throw new DivergenceException(
          "the loss of a shard is %s at step %d; its samples: %s; %s"
              .formatted(
                  loss,
                  optimizer.steps(),
                  ids.subList(0, Math.min(NAMED_SAMPLES, ids.size())),
                  shard.firstNotFinite()));
    }
  }

  private void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new DivergenceException(
          "the %s is %s at step %d".formatted(what, value, optimizer.steps()));
    }
  }

  @Override
  public void close() {
    lessons.close();
    programs.close();
    state.close();
  }
}
