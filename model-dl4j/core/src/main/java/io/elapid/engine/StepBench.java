package io.elapid.engine;

import io.elapid.benchmark.Times;
import io.elapid.data.SplitMix;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Weights;
import io.elapid.op.OpRegistry;
import io.elapid.op.OpRunner;
import io.elapid.optim.AdamWSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A network at work on made-up pictures, to be timed: training steps from pictures to updated
 * weights, or scores in deploy form. Runs exactly what training and evaluation run.
 *
 * <p>Owns its native memory until {@link #close()}; belongs to the thread that made it.
 */
public final class StepBench implements AutoCloseable {
  private static final long SEED = 1;
  private static final double EMA_DECAY = 0.9999;
  private static final double LEARNING_RATE = 1e-4;

  /** Kind under which the observer hears of the optimiser, the average and the statistics. */
  public static final String UPDATE = "update";

  /**
   * What is timed.
   *
   * @param imageSize side of the square pictures, in pixels
   * @param batch pictures of one run
   * @param recomputation what training computes anew on the way back
   * @param threads threads that kernels and native operations may use
   */
  public record Settings(
      ImageClassifier model,
      int classes,
      int imageSize,
      int batch,
      Recomputation recomputation,
      int threads) {
    /** In the least memory. */
    public Settings(ImageClassifier model, int classes, int imageSize, int batch, int threads) {
      this(model, classes, imageSize, batch, Recomputation.MAPS, threads);
    }

    Classifier network() {
      return new Classifier(model, classes);
    }

    Frame frame() {
      return Frame.square(batch, imageSize);
    }
  }

  /** One of the two kinds of run. */
  private interface Pass extends AutoCloseable {
    void run();

    void run(StepProgram.Observer observer);

    StepProgram program();

    MemoryUse memory();

    /** Has the next run count its gradients, if it has any. */
    default void describeGradients() {}

    @Override
    void close();
  }

  private final Pass pass;
  private final OpRunner runner = OpRegistry.register();

  private StepBench(Pass pass) {
    this.pass = pass;
  }

  /** Makes ND4J ready, which later calls would do otherwise. */
  public static void prepare() {
    OpRegistry.register();
  }

  /** Forward and backward pass, gradient clipping, AdamW, running statistics, moving average. */
  public static StepBench training(Settings settings) {
    return training(
        TrainerSettings.classifier(
                settings.model(),
                settings.classes(),
                settings.imageSize(),
                settings.batch(),
                SEED,
                AdamWSettings.published(),
                1,
                EMA_DECAY,
                settings.threads())
            .with(settings.recomputation()),
        pictures(settings));
  }

  /** The same of any network, always on one batch. */
  public static <B extends ImageBatch> StepBench training(TrainerSettings<B> settings, B batch) {
    return new StepBench(new Training<>(new Trainer<>(settings), batch));
  }

  /** Class scores, batch norms folded. */
  public static StepBench inference(Settings settings) {
    return new StepBench(new Inference(settings));
  }

  /** Runs once. */
  public void run() {
    pass.run();
  }

  /** Runs once and returns the nanoseconds that took. */
  public long timedRun() {
    long start = System.nanoTime();
    pass.run();
    return System.nanoTime() - start;
  }

  /** The same with the gradients counted by layer; inference has none. */
  public long timedRunWithHistograms() {
    long start = System.nanoTime();
    pass.describeGradients();
    pass.run();
    return System.nanoTime() - start;
  }

  /** Runs {@code warmUp} times, then {@code runs} times on the clock. */
  public Times times(int warmUp, int runs) {
    for (int i = 0; i < warmUp; i++) {
      pass.run();
    }
    long[] nanos = new long[runs];
    Arrays.setAll(nanos, i -> timedRun());
    return new Times(nanos);
  }

  /** Runs once, telling {@code observer} about every operation and about the update. */
  public void run(StepProgram.Observer observer) {
    pass.run(observer);
  }

  /**
   * Runs once, then shows {@code inspector} the result of every operation of another run.
   *
   * @throws DivergenceException at the first that is not finite
   */
  public void inspect(Consumer<OperationResult> inspector) {
    pass.run();
    pass.program().inspect(inspector);
  }

  /** Where the time of {@code runs} observed runs goes. */
  public StepProfile profile(int runs) {
    StepProfile.Recorder recorder = new StepProfile.Recorder(operations());
    for (int i = 0; i < runs; i++) {
      long kernels = runner.nanosInKernels();
      long start = System.nanoTime();
      pass.run(recorder);
      long nanos = System.nanoTime() - start;
      recorder.endRun(nanos, runner.nanosInKernels() - kernels);
    }
    return recorder.profile();
  }

  /** The operations of a run in their order. */
  public List<StepOperation> operations() {
    return pass.program().steps().stream().map(StepOperation::of).toList();
  }

  /** Native memory that a run needs. */
  public MemoryUse memory() {
    return pass.memory();
  }

  /** The form that learns. */
  static Blueprint learning(Settings settings) {
    Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, Mode.TRAIN);
    return Blueprint.learning(settings.network(), settings.frame(), scope);
  }

  /** A form that answers. */
  static Blueprint answering(Settings settings, Mode mode) {
    return Blueprint.answering(settings.network(), settings.frame(), DataType.FLOAT, mode);
  }

  /** Of the train form, which every form can be made from. */
  static Weights initialWeights(Settings settings) {
    return learning(settings).table().initialWeights(SEED);
  }

  /** Writes labels into the inputs of a form that learns. */
  static void teach(Settings settings, Batch batch, Buffers inputs) {
    settings
        .network()
        .teach(
            batch,
            inputs,
            pictures -> {
              throw new IllegalStateException("labels alone teach");
            });
  }

  /** Noise for pictures, and a right class for each. */
  static Batch pictures(Settings settings) {
    int size = settings.batch();
    int classes = settings.classes();
    int pixels = 3 * size * settings.imageSize() * settings.imageSize();
    ByteBuffer images = bytes(pixels);
    SplitMix random = new SplitMix(SEED);
    for (int i = 0; i < pixels; i++) {
      images.putFloat(i * Float.BYTES, (float) (4 * random.nextDouble() - 2));
    }
    ByteBuffer targets = bytes(size * classes);
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      labels[i] = i % classes;
      targets.putFloat((i * classes + labels[i]) * Float.BYTES, 1);
    }
    List<String> ids = Collections.nCopies(size, "noise");
    long[] seeds = new long[size];
    Arrays.setAll(seeds, i -> i);
    return new Batch(
        images, targets, labels, ids, seeds, size, size, settings.imageSize(), classes);
  }

  private static ByteBuffer bytes(int floats) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    pass.close();
  }

  private static final class Training<B extends ImageBatch> implements Pass {
    private final Trainer<B> trainer;
    private final B batch;

    Training(Trainer<B> trainer, B batch) {
      this.trainer = trainer;
      this.batch = batch;
    }

    @Override
    public void run() {
      trainer.apply(trainer.computeShard(batch), 1, LEARNING_RATE);
    }

    @Override
    public void describeGradients() {
      trainer.describeGradients();
    }

    @Override
    public void run(StepProgram.Observer observer) {
      ByteBuffer gradients = trainer.computeShard(batch, observer);
      long start = System.nanoTime();
      trainer.apply(gradients, 1, LEARNING_RATE);
      observer.executed(UPDATE, UPDATE, System.nanoTime() - start);
    }

    @Override
    public StepProgram program() {
      return trainer.program();
    }

    @Override
    public MemoryUse memory() {
      return trainer.memory();
    }

    @Override
    public void close() {
      trainer.close();
    }
  }

  private static final class Inference implements Pass {
    private final Batch batch;
    private final Evaluator<Batch> evaluator;

    Inference(Settings settings) {
      batch = pictures(settings);
      evaluator =
          new Evaluator<>(settings.network(), settings.frame(), Mode.DEPLOY, settings.threads());
      evaluator.parameters().load(initialWeights(settings));
    }

    @Override
    public void run() {
      evaluator.answers(batch);
    }

    @Override
    public void run(StepProgram.Observer observer) {
      evaluator.answers(batch, observer);
    }

    @Override
    public StepProgram program() {
      return evaluator.program();
    }

    @Override
    public MemoryUse memory() {
      return evaluator.memory();
    }

    @Override
    public void close() {
      evaluator.close();
    }
  }
}
