package io.elapid.cli;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.shard.ShardSettings;
import io.elapid.job.EvaluateJob;
import io.elapid.job.PrepareJob;
import io.elapid.job.PrepareOptions;
import io.elapid.job.ReportJob;
import io.elapid.job.RunFailedException;
import io.elapid.job.SavedModel;
import io.elapid.job.Session;
import io.elapid.job.TrainJob;
import io.elapid.job.TrainResult;
import io.elapid.worker.SplitScore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job end to end on generated pictures: what every part of Elapid is for, in minutes. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description = {
      "Runs everything once on generated pictures, from raw files to a report, in minutes.",
      "Trains on two executor JVMs and expects of pictures that were held out, as the task may be:",
      "classification: 90 %% recognised (top-1), by EfficientViM-M1;",
      "detection: boxes with an AP50 of 60 %%, by RetinaNet on TinyViM-S;",
      "instance: boxes of 55 %% and masks of 50 %%, by Mask R-CNN on TinyViM-S;",
      "segmentation: classes of pixels with a mean IoU of 60 %%, by Semantic FPN on TinyViM-S.",
      "Called again it goes on where it stopped; --fresh begins anew."
    },
    footer = {
      "",
      "Examples: elapid quickstart --sync average",
      "          elapid quickstart --task segmentation"
    })
final class QuickstartCommand implements Callable<Integer> {
  private static final long SHARD_BYTES = 2 << 20;

  @Option(
      names = "--task",
      defaultValue = "classification",
      paramLabel = "KIND",
      description =
          "classification, detection, instance or segmentation (default: ${DEFAULT-VALUE})")
  private QuickstartTask task;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "local folder for data and runs (default: runs in the checkout)")
  private String work;

  @Option(
      names = "--sync",
      defaultValue = "all-reduce",
      paramLabel = "all-reduce|average|dl4j",
      description = "how ranks come to the same weights (default: ${DEFAULT-VALUE})")
  private String sync;

  @Option(
      names = "--train",
      paramLabel = "N",
      description = "training pictures (default: 4000, or 2400 where a picture has several shapes)")
  private Integer train;

  @Option(
      names = "--val",
      paramLabel = "N",
      description =
          "validation pictures (default: 1000, or 300 where a picture has several shapes)")
  private Integer validation;

  @Option(
      names = "--expect",
      paramLabel = "SHARE",
      description = "least result, 0 to 1, that counts as success (default: as said above)")
  private Double least;

  @Option(names = "--fresh", description = "throw away what an earlier quickstart left")
  private boolean fresh;

  @Option(names = "-D", paramLabel = "KEY=VALUE", description = "overrides a key of the recipe")
  private List<String> overrides = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Instant began = Instant.now();
    Path root =
        new Path(
            work == null ? defaultWork() : java.nio.file.Path.of(work).toAbsolutePath().toString());
    String data = task.pictures().folder(pictures(), validationPictures());
    Path pictures = new Path(root, data);
    Path dataset = new Path(root, data + "-shards");
    Recipe recipe = recipe(dataset, new Path(root, task.recipe() + "-" + sync));
    try (Session session = Session.open("quickstart")) {
      Configuration hadoop = session.hadoop();
      // made before there is anything to wait for: it refuses a cluster that is not what it needs
      TrainJob training = new TrainJob(session, recipe, System.out);
      if (fresh) {
        new Path(recipe.requireOutput())
            .getFileSystem(hadoop)
            .delete(new Path(recipe.requireOutput()), true);
      }
      pictures(hadoop, pictures);
      prepare(session, pictures, dataset);
      step("3 of 4: train");
      TrainResult result = training.run();
      step("4 of 4: evaluate");
      SavedModel model =
          SavedModel.open(
              hadoop,
              result.folder().root(),
              recipe.evaluation().weights().variant(),
              Optional.empty(),
              List.of());
      SplitScore score =
          new EvaluateJob(session, System.out).run(model, dataset, recipe.data().validationSplit());
      System.out.println(EvaluateCommand.summary(score));
      Path report = new ReportJob(session).write(result.folder(), model, score, recipe);
      System.out.printf(
          Locale.ROOT,
          "quickstart: done in %d s%n  model:  %s%n  report: %s%n",
          Duration.between(began, Instant.now()).toSeconds(),
          result.checkpoint(),
          report);
      expect(score);
    }
    return 0;
  }

  private int pictures() {
    return train == null ? task.train() : train;
  }

  private int validationPictures() {
    return validation == null ? task.validation() : validation;
  }

  private void expect(SplitScore score) {
    task.expected()
        .forEach((measure, usual) -> expect(score, measure, least == null ? usual : least));
  }

  private static void expect(SplitScore score, String measure, double wanted) {
    double reached = score.measures().get(measure);
    if (reached < wanted) {
      throw new RunFailedException(
          String.format(
              Locale.ROOT,
              "quickstart: %s is %.1f %%, expected at least %.0f %%",
              measure,
              100 * reached,
              100 * wanted),
          null);
    }
  }

  private static String defaultWork() {
    String home = System.getenv("ELAPID_HOME");
    return java.nio.file.Path.of(home == null ? "" : home, "runs").toAbsolutePath().toString();
  }

  private Recipe recipe(Path dataset, Path output) {
    List<String> all = new ArrayList<>();
    all.add("data.path=" + RecipeLoader.quoted(dataset.toString()));
    all.add("output=" + RecipeLoader.quoted(output.toString()));
    all.add("sync.mode=" + sync);
    all.addAll(overrides);
    return RecipeLoader.load(task.recipe(), all);
  }

  private void pictures(Configuration hadoop, Path folder) throws IOException {
    step("1 of 4: pictures");
    FileSystem files = folder.getFileSystem(hadoop);
    if (files.exists(folder)) {
      System.out.println("generate: " + folder + " is there already");
      return;
    }
    Shapes.generate(hadoop, folder, task.pictures(), pictures(), validationPictures(), System.out);
  }

  private void prepare(Session session, Path in, Path out) throws IOException {
    step("2 of 4: prepare");
    PrepareOptions options =
        new PrepareOptions(
            in, out, SHARD_BYTES, ShardSettings.defaults(), 0, 1, session.parallelism());
    new PrepareJob(session, options, System.out)
        .run(() -> task.pictures().source(session.hadoop(), in));
  }

  private static void step(String name) {
    System.out.println("quickstart " + name);
  }
}
