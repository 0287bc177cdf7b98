package io.elapid.cli;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.ShapesSpec;
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
      "Trains EfficientViM-M1 on two executor JVMs and expects 90 % of held-out pictures to be"
          + " recognised. Called again it",
      "goes on where it stopped; --fresh begins anew."
    },
    footer = {"", "Example: elapid quickstart --sync average"})
final class QuickstartCommand implements Callable<Integer> {
  private static final double EXPECTED_TOP1 = 0.9;
  private static final long SHARD_BYTES = 2 << 20;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "local folder for data and runs (default: runs in the checkout)")
  private String work;

  @Option(
      names = "--sync",
      defaultValue = "all-reduce",
      paramLabel = "all-reduce|average",
      description = "how ranks come to the same weights (default: ${DEFAULT-VALUE})")
  private String sync;

  @Option(
      names = "--train",
      defaultValue = "4000",
      description = "training pictures (default: ${DEFAULT-VALUE})")
  private int train;

  @Option(
      names = "--val",
      defaultValue = "1000",
      description = "validation pictures (default: ${DEFAULT-VALUE})")
  private int validation;

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
    Path pictures = new Path(root, "shapes-%d-%d".formatted(train, validation));
    Path dataset = new Path(root, "shapes-%d-%d-shards".formatted(train, validation));
    Recipe recipe = recipe(dataset, new Path(root, "quickstart-" + sync));
    try (Session session = Session.open("quickstart")) {
      Configuration hadoop = session.hadoop();
      if (fresh) {
        new Path(recipe.requireOutput())
            .getFileSystem(hadoop)
            .delete(new Path(recipe.requireOutput()), true);
      }
      pictures(hadoop, pictures);
      prepare(session, pictures, dataset);
      step("3 of 4: train");
      TrainResult result = new TrainJob(session, recipe, System.out).run();
      step("4 of 4: evaluate");
      SavedModel model =
          SavedModel.open(
              hadoop,
              result.folder().root(),
              ModelWeights.Variant.MODEL,
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
      double top1 = score.measures().get("top1");
      if (top1 < EXPECTED_TOP1) {
        throw new RunFailedException(
            String.format(
                Locale.ROOT,
                "quickstart: top-1 is %.1f %%, expected at least %.0f %%",
                100 * top1,
                100 * EXPECTED_TOP1),
            null);
      }
    }
    return 0;
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
    return RecipeLoader.load("quickstart", all);
  }

  private void pictures(Configuration hadoop, Path folder) throws IOException {
    step("1 of 4: pictures");
    FileSystem files = folder.getFileSystem(hadoop);
    if (files.exists(folder)) {
      System.out.println("generate: " + folder + " is there already");
      return;
    }
    Shapes.generate(hadoop, folder, new ShapesSpec(train, validation, 10, 80, 1), System.out);
  }

  private static void prepare(Session session, Path in, Path out) throws IOException {
    step("2 of 4: prepare");
    PrepareOptions options =
        new PrepareOptions(
            in, out, SHARD_BYTES, ShardSettings.defaults(), 0, 1, session.parallelism());
    new PrepareJob(session, options, System.out)
        .run(() -> ImageNetSource.open(session.hadoop(), in));
  }

  private static void step(String name) {
    System.out.println("quickstart " + name);
  }
}
