package io.elapid.config;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.data.InputException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Everything that defines a run, except what Spark itself is told. {@code conf/base.conf} documents
 * each key; the key of a component is its name in kebab case, sections nest.
 *
 * @param name what the run is called in reports
 * @param seed the one seed that all randomness is derived from
 * @param output folder for checkpoints, metrics and report; any Hadoop path
 */
public record Recipe(
    String name,
    long seed,
    Optional<String> output,
    TaskSpec task,
    Model model,
    Prepare prepare,
    Data data,
    Batch batch,
    Optimizer optimizer,
    Clip clip,
    Freeze freeze,
    Ema ema,
    Loss loss,
    DistillationSpec distillation,
    Mesa mesa,
    ScheduleSpec schedule,
    SyncSpec sync,
    ClusterSpec cluster,
    Checkpoint checkpoint,
    Evaluation evaluation,
    Log log,
    TrackSpec track) {

  /** The recipe as resolved HOCON; {@link RecipeLoader#parse} of it gives an equal recipe. */
  public String render() {
    return RecordRenderer.render(this);
  }

  /** What the best checkpoint is best in. */
  public Metric metric() {
    return evaluation.metric() == Metric.USUAL ? task.type().metrics().get(0) : evaluation.metric();
  }

  /** Every key with its value, for listings. */
  public Map<String, String> leaves() {
    return RecordRenderer.leaves(this);
  }

  /** The output folder; {@link InputException} if the recipe names none. */
  public String requireOutput() {
    return require(output, "output", "hdfs:///user/me/runs/" + name);
  }

  static String require(Optional<String> value, String key, String example) {
    return value.orElseThrow(
        () ->
            new InputException(
                "recipe: " + key + ": not set, and this command needs it",
                "Add `" + key + " = \"" + example + "\"` or pass -D " + key + "=" + example));
  }

  /**
   * The network.
   *
   * @param name which network, for example efficientvim_m1
   * @param imageSize side of the square input in pixels
   * @param heads linear heads that it is built with
   * @param dropPath rate at which the last block is dropped; empty for the network's usual rate
   * @param weights what training starts from instead of chance; any Hadoop path
   * @param weightsVariant which of these weights
   * @param classifier what becomes of their classifier
   */
  public record Model(
      String name,
      @Bounds("[16, 4096]") int imageSize,
      NetworkHeads heads,
      @Bounds("[0, 1)") OptionalDouble dropPath,
      Optional<String> weights,
      EvaluationWeights weightsVariant,
      Classifier classifier) {}

  /** The linear heads that a network is built with. */
  public enum NetworkHeads {
    /** As published. */
    USUAL,
    /** For the classes alone. */
    SINGLE,
    /** A second set that learns from a teacher. */
    DISTILLED
  }

  /** What becomes of the classifier of weights that training starts from. */
  public enum Classifier {
    /** Goes on being trained; the classes must be the same. */
    KEEP,
    /** Starts anew, for other classes. */
    FRESH
  }

  /**
   * How a raw data set is cut into shards.
   *
   * @param shardSize encoded MiB that a shard aims at
   * @param rowGroupSize encoded MiB after which a row group is closed
   * @param rowGroupRows rows after which a row group is closed
   * @param check how closely each picture is looked at
   * @param maxBad share of unreadable files above which the command fails
   * @param seed of the shuffle in which samples are stored
   */
  public record Prepare(
      @Bounds("[1, 65536]") int shardSize,
      @Bounds("[1, 1024]") int rowGroupSize,
      @Bounds("[1, 1000000]") int rowGroupRows,
      PictureCheck check,
      @Bounds("[0, 1]") double maxBad,
      long seed) {}

  public enum PictureCheck {
    /** What kind of file it is, and whether it is complete. */
    STRUCTURE,
    /** Every pixel. */
    PIXELS
  }

  /**
   * Pictures and their way into a batch.
   *
   * @param path prepared data set, any Hadoop path
   * @param loaderThreads decoding threads per rank
   * @param prefetch batches decoded ahead per rank
   * @param timeout longest wait for one batch
   * @param maxCorrupt unreadable samples per rank that are skipped before the run fails
   * @param repeats how often an epoch shows a picture, differently augmented; 1 for once
   * @param readRetry how long a read that fails is tried again
   * @param cache folder on every host's local disk in which shards are kept
   * @param cacheSize GiB that it may take on each host
   * @param mean per channel (R, G, B) of pictures scaled to 0..1
   * @param std per channel (R, G, B) of pictures scaled to 0..1
   */
  public record Data(
      Optional<String> path,
      String trainSplit,
      String validationSplit,
      @Bounds("[1, 256]") int loaderThreads,
      @Bounds("[1, 64]") int prefetch,
      Duration timeout,
      @Bounds("[0, inf)") int maxCorrupt,
      @Bounds("[1, 100]") int repeats,
      Duration readRetry,
      Optional<String> cache,
      @Bounds("[1, 1000000]") int cacheSize,
      @Bounds("[0, 1]") List<Double> mean,
      @Bounds("(0, 1]") List<Double> std,
      List<TransformSpec> trainTransforms,
      List<TransformSpec> evalTransforms) {
    public Data {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      trainTransforms = List.copyOf(trainTransforms);
      evalTransforms = List.copyOf(evalTransforms);
    }

    /** The data set; {@link InputException} if the recipe names none. */
    public String requirePath() {
      return require(path, "data.path", "hdfs:///data/imagenet");
    }
  }

  /**
   * The global batch.
   *
   * @param size pictures per micro-step over all ranks
   * @param shards virtual shards that the batch is cut into; the result of a run depends on this
   *     number, never on the number of ranks
   * @param accumulate micro-steps whose gradients are averaged for one optimiser step
   */
  public record Batch(
      @Bounds("[1, inf)") int size,
      @Bounds("[1, 4096]") int shards,
      @Bounds("[1, 1024]") int accumulate) {
    /** Pictures per virtual shard: what one forward and backward pass sees. */
    public int samplesPerShard() {
      return size / shards;
    }

    /** Virtual shards per optimiser step. */
    public int stepShards() {
      return shards * accumulate;
    }

    /** Pictures per optimiser step over all ranks. */
    public long stepSize() {
      return (long) size * accumulate;
    }
  }

  /**
   * AdamW with decoupled decay (Loshchilov and Hutter 2019).
   *
   * @param decayed what decays where no rule says otherwise
   * @param rules what is treated differently; of several that match, the last counts
   */
  public record Optimizer(
      OptimizerType type,
      @Bounds("[0, 1)") double beta1,
      @Bounds("[0, 1)") double beta2,
      @Bounds("(0, 1]") double epsilon,
      @Bounds("[0, 1]") double weightDecay,
      Decayed decayed,
      List<ParameterRule> rules) {
    public Optimizer {
      rules = List.copyOf(rules);
    }
  }

  public enum OptimizerType {
    ADAMW
  }

  /** Which tensors decay. */
  public enum Decayed {
    /** All but those of rank 1 and those named .bias. */
    MATRICES,
    ALL
  }

  /**
   * Tensors that the optimiser treats differently.
   *
   * @param names pattern of their names
   * @param rate factor on the learning rate; empty for no change
   * @param decay factor on the weight decay; empty for no change
   */
  public record ParameterRule(
      String names,
      @Bounds("(0, 1000]") OptionalDouble rate,
      @Bounds("[0, 1000]") OptionalDouble decay) {}

  /**
   * Gradient clipping.
   *
   * @param norm largest global gradient norm; 0 switches clipping off
   * @param adaptive largest norm of a row's gradient over the row's own; 0 switches it off
   */
  public record Clip(@Bounds("[0, inf)") double norm, @Bounds("[0, inf)") double adaptive) {}

  /**
   * What is not trained.
   *
   * @param names patterns of names
   * @param norms what batch norms among them go by
   * @param statistics patterns of names of batch norms whose running statistics are gone by and
   *     kept
   */
  public record Freeze(List<String> names, FrozenNorms norms, List<String> statistics) {
    public Freeze {
      names = List.copyOf(names);
      statistics = List.copyOf(statistics);
    }
  }

  /** Statistics of frozen batch norms. */
  public enum FrozenNorms {
    BATCH,
    RUNNING
  }

  /**
   * The moving average of the weights.
   *
   * @param decay of the moving average of the weights; 0 switches it off
   */
  public record Ema(@Bounds("[0, 1)") double decay) {}

  /**
   * The training loss.
   *
   * @param labelSmoothing share of the target spread over all classes
   */
  public record Loss(@Bounds("[0, 1)") double labelSmoothing) {}

  /**
   * What the moving average teaches.
   *
   * @param ratio factor on that part of the loss; 0 switches it off
   * @param start share of the schedule's epochs after which it begins
   */
  public record Mesa(@Bounds("[0, 1000]") double ratio, @Bounds("[0, 1]") double start) {
    /** The factor in an epoch, counted from 0. */
    public double ratioIn(long epoch, int epochs) {
      return epoch >= (long) (start * epochs) ? ratio : 0;
    }
  }

  /**
   * When the state of a run is written.
   *
   * @param everyEpochs epochs between two checkpoints; the last epoch is always written
   * @param everySteps steps between two more of them; 0 for none
   * @param keep newest checkpoints that are kept
   * @param timeout longest time that writing or reading one may take
   * @param maxFailures writes in a row that may fail before the run stops
   */
  public record Checkpoint(
      @Bounds("[1, 100000]") int everyEpochs,
      @Bounds("[0, 100000000]") int everySteps,
      @Bounds("[1, 100000]") int keep,
      Duration timeout,
      @Bounds("[0, 1000]") int maxFailures) {}

  /**
   * When and what is evaluated on the validation split.
   *
   * @param everyEpochs epochs between two evaluations; the last epoch is always evaluated
   * @param batchSize pictures per forward pass
   * @param timeout longest time that one evaluation may take
   * @param weights which set of weights is evaluated
   * @param metric what the best checkpoint is best in
   * @param patience evaluations in a row without a better one that end the run; 0 for any number
   */
  public record Evaluation(
      @Bounds("[1, 100000]") int everyEpochs,
      @Bounds("[1, 65536]") int batchSize,
      Duration timeout,
      EvaluationWeights weights,
      Metric metric,
      @Bounds("[0, 100000]") int patience) {}

  /** A result of an evaluation. */
  public enum Metric {
    /** The one that the task is usually judged by. */
    USUAL,
    TOP1,
    TOP5,
    LOSS,
    /** Mean over classes of intersection over union. */
    MIOU,
    /** Mean over classes of the share of pixels that are recognised. */
    MACC,
    /** Share of all pixels that are recognised. */
    AACC,
    /** Mean precision over recalls, classes and overlaps from 0.5 to 0.95. */
    AP,
    /** The same at an overlap of 0.5. */
    AP50,
    /** The same at an overlap of 0.75. */
    AP75,
    /** As {@link #AP}, of masks instead of boxes. */
    MASK_AP,
    /** As {@link #AP50}, of masks instead of boxes. */
    MASK_AP50,
    /** As {@link #AP75}, of masks instead of boxes. */
    MASK_AP75
  }

  public enum EvaluationWeights {
    MODEL,
    EMA;

    /** What these are called among saved weights. */
    public ModelWeights.Variant variant() {
      return switch (this) {
        case MODEL -> ModelWeights.Variant.MODEL;
        case EMA -> ModelWeights.Variant.EMA;
      };
    }
  }

  /**
   * The metrics log.
   *
   * @param everySteps steps between two lines of the metrics log
   * @param profileSteps steps that are timed operation by operation
   */
  public record Log(@Bounds("[1, 1000000]") int everySteps, @Bounds("[0, 100]") int profileSteps) {}
}
