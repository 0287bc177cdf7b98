package io.elapid.notebook;

import io.elapid.analysis.Pictures;
import io.elapid.analysis.Subject;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.Progress;
import io.elapid.data.target.TargetKind;
import io.elapid.job.GeneratedPictures;
import io.elapid.job.PrepareJob;
import io.elapid.job.PrepareOptions;
import io.elapid.job.Session;
import io.elapid.model.Models;
import io.elapid.model.Pretrained;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Elapid as a notebook uses it, within the Spark application that is there: {@code val elapid =
 * Notebook.of(spark)}.
 */
public final class Notebook {
  private static final int SHAPES = 10;
  private static final int SHAPE_SIDE = 80;
  private static final int SCENE_CLASSES = 8;
  private static final int SCENE_SIDE = 192;
  private static final long SHARD_BYTES = 2 << 20;
  private static final long SEED = 1;

  private final SparkSession spark;

  private Notebook(SparkSession spark) {
    this.spark = spark;
  }

  /** Elapid in the application of a session. */
  public static Notebook of(SparkSession spark) {
    return new Notebook(spark);
  }

  /** A folder of this machine for what may be lost; on a cluster, use one that all nodes see. */
  public static String temporaryFolder() {
    return new Path(
            new Path(java.nio.file.Path.of(System.getProperty("java.io.tmpdir")).toUri()),
            "elapid-notes-" + System.getProperty("user.name"))
        .toString();
  }

  /**
   * A data set that {@code elapid prepare} has made.
   *
   * @throws InputException if there is none, or it is not finished
   */
  public PreparedData open(String path) throws IOException {
    return PreparedData.open(spark, path);
  }

  /**
   * Pictures painted by Elapid and prepared as real ones are; those that are in the folder already
   * are used again.
   *
   * @param kind classification, detection or segmentation
   * @param train number of training pictures
   * @param validation number of validation pictures
   * @param folder below which they lie; any Hadoop path that all nodes see
   */
  public PreparedData generate(String kind, int train, int validation, String folder)
      throws IOException {
    GeneratedPictures pictures = pictures(kind(kind));
    Configuration hadoop = hadoop();
    String name = pictures.folder(train, validation);
    Path raw = new Path(folder, name);
    Path shards = new Path(folder, name + "-shards");
    if (!raw.getFileSystem(hadoop).exists(raw)) {
      pictures.generate(hadoop, raw, train, validation, Progress.NONE);
    }
    try (Session session = Session.within(spark.sparkContext())) {
      PrepareOptions options =
          new PrepareOptions(
              raw, shards, SHARD_BYTES, ShardSettings.defaults(), 0, SEED, session.parallelism());
      PrintStream nowhere =
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
      new PrepareJob(session, options, nowhere).run(() -> pictures.source(hadoop, raw));
    }
    return open(shards.toString());
  }

  private static TargetKind kind(String word) {
    try {
      return TargetKind.valueOf(word.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "there are no pictures for '%s'".formatted(word),
          "choose classification, detection or segmentation",
          e);
    }
  }

  private static GeneratedPictures pictures(TargetKind kind) {
    return kind == TargetKind.CLASSIFICATION
        ? new GeneratedPictures(kind, SHAPES, SHAPE_SIDE, SEED)
        : new GeneratedPictures(kind, SCENE_CLASSES, SCENE_SIDE, SEED);
  }

  /**
   * Begins to train in the background, or goes on where a run into that folder stopped.
   *
   * @param recipe a recipe file, or the name of a bundled one
   * @param output folder of the run; any Hadoop path that all nodes see
   * @param overrides of keys of the recipe, as {@code key=value}
   * @throws InputException if recipe and overrides are not right
   */
  public TrainingRun train(String recipe, PreparedData data, String output, String... overrides) {
    List<String> all = new ArrayList<>(Arrays.asList(overrides));
    all.add("data.path=" + RecipeLoader.quoted(data.path()));
    all.add("output=" + RecipeLoader.quoted(output));
    Recipe loaded = RecipeLoader.load(recipe, all);
    return TrainingRun.start(Session.within(spark.sparkContext()), loaded);
  }

  /** A network as training would begin with it. */
  public Subject untrained(String model) {
    return Subject.untrained(Models.byName(model), SEED);
  }

  /**
   * A trained network.
   *
   * @param weights a run, a checkpoint, an exported model, or a file of weights; any Hadoop path
   * @param model which network it is; needed for files of PyTorch
   */
  public Subject trained(String weights, String model) throws IOException {
    return Subject.trained(
        Pretrained.load(
            hadoop(),
            new Path(weights),
            ModelWeights.Variant.MODEL,
            Optional.of(model).filter(name -> !name.isBlank())));
  }

  /** Which frequencies pass through the branches of TinyViM's mixers. */
  public BranchSpectra spectra(Subject network, Pictures pictures) {
    return BranchSpectra.of(network, pictures);
  }

  /** How far networks see. */
  public ReceptiveFields receptiveFields(Pictures pictures, Subject... networks) {
    return ReceptiveFields.of(Arrays.asList(networks), pictures);
  }

  /** Names of all networks. */
  public List<String> models() {
    return List.copyOf(Models.names());
  }

  /**
   * Size, work and speed of networks at their published size of picture, timed in this process.
   *
   * @param batch pictures at once
   * @param threads of computation
   * @param runs that are timed; the median counts
   */
  public ModelComparison compare(int batch, int threads, int runs, String... models) {
    return ModelComparison.of(Arrays.asList(models), batch, threads, runs);
  }

  /**
   * What the classifiers of runs have reached, for {@link
   * ModelComparison#accuracyPareto(RunAccuracies)}.
   *
   * @param folder of a run, or with runs in it; any Hadoop path
   * @throws InputException if there is no such folder
   */
  public RunAccuracies accuracies(String folder) throws IOException {
    return RunAccuracies.of(hadoop(), folder);
  }

  private Configuration hadoop() {
    return spark.sessionState().newHadoopConf();
  }
}
