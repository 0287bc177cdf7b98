package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.checkpoint.CheckpointStore;
import io.elapid.config.DistillationSpec;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.config.TaskSpec;
import io.elapid.model.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every recipe that comes with us trains, on little data and small pictures. */
final class BundledRecipesTest {
  private static final Path RECIPES = Path.of("../conf/recipes");
  private static final Pattern OVERRIDE = Pattern.compile("-D ([\\w.-]+=[^\\s;,]*[^\\s;:,.])");

  private static final List<String> REDUCED =
      List.of(
          "model.image-size=64",
          "data.loader-threads=1",
          "data.prefetch=1",
          "batch.size=4",
          "batch.shards=2",
          "schedule.epochs=3",
          "schedule.warmup-epochs=1",
          "schedule.cooldown-epochs=0",
          "checkpoint.every-epochs=3",
          "evaluation.every-epochs=3",
          "evaluation.batch-size=4");

  private static final String PIXELS = "semanticfpn_";

  private static final List<String> REDUCED_PIXELS =
      List.of(
          "model.image-size=64",
          "task.neck.channels=32",
          "task.head.channels=32",
          "data.loader-threads=1",
          "data.prefetch=1",
          "data.eval-transforms=[{type=reduce-zero-label},"
              + "{type=keep-ratio-resize,long-side=256,short-sides=[64]},{type=pad,divisor=64}]",
          "batch.size=4",
          "batch.shards=2",
          "cluster.ranks=1",
          "schedule.steps=3",
          "schedule.decay-step=1",
          "schedule.warmup-steps=1");

  private static final String BOXES = "retinanet_";
  private static final String MASKS = "maskrcnn_";

  private static final List<String> REDUCED_OBJECTS =
      List.of(
          "model.image-size=64",
          "task.neck.channels=32",
          "task.regions.proposals=50",
          "task.regions.sampled=16",
          "data.loader-threads=1",
          "data.prefetch=1",
          "data.train-transforms=[{type=horizontal-flip},{type=pad,divisor=64}]",
          "data.eval-transforms=[{type=pad,divisor=64}]",
          "batch.size=2",
          "batch.shards=1",
          "cluster.ranks=1",
          "schedule.epochs=3",
          "schedule.warmup-steps=1",
          "schedule.milestones=[1,2]",
          "schedule.decay-epoch=1",
          "evaluation.every-epochs=3",
          "checkpoint.every-epochs=3");

  private static final Configuration CONF = new Configuration();

  @TempDir static Path folder;
  private static org.apache.hadoop.fs.Path data;
  private static org.apache.hadoop.fs.Path weights;

  @BeforeAll
  static void data() throws Exception {
    data = SmallData.prepare(folder, 4, 4);
    Recipe nano = recipe("quickstart", "model.name=efficientvim_nano");
    weights = new LoneRank(folder).train("nano", nano).checkpoints();
  }

  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(RECIPES)) {
      return files
          .map(file -> file.getFileName().toString().replace(".conf", ""))
          .sorted()
          .toList();
    }
  }

  static List<String> ofPictures() throws IOException {
    return names().stream().filter(name -> type(name) == TaskSpec.Type.CLASSIFICATION).toList();
  }

  private static TaskSpec.Type type(String name) {
    return RecipeLoader.load(name, List.of()).task().type();
  }

  static List<String> ofPixels() throws IOException {
    return names().stream().filter(name -> name.endsWith("_ade20k")).toList();
  }

  static List<String> ofObjects() throws IOException {
    return names().stream().filter(name -> name.endsWith("_coco")).toList();
  }

  private static Recipe recipe(String name, String... overrides) {
    List<String> all = new ArrayList<>(REDUCED);
    all.add("data.path=" + data);
    all.addAll(List.of(overrides));
    return RecipeLoader.load(name, all);
  }

  @ParameterizedTest
  @MethodSource("ofPictures")
  void trainsThreeSteps(String name) throws Exception {
    List<String> more = new ArrayList<>();
    Recipe whole = RecipeLoader.load(name, List.of());
    if (whole.distillation().type() != DistillationSpec.Type.NONE) {
      more.add("distillation.teacher=" + weights);
    }
    if (name.contains("finetune")) {
      more.add("model.weights=" + start());
    }
    LoneRank.Run run = new LoneRank(folder).train(name, recipe(name, more.toArray(String[]::new)));
    assertThat(new CheckpointStore(CONF, run.checkpoints()).folders())
        .extracting(org.apache.hadoop.fs.Path::getName)
        .containsExactly("step-000000003");
    assertThat(run.result().count()).isEqualTo(4);
    assertThat(run.result().loss()).isFinite();
    discard(run);
  }

  /** One of each family's that somebody has published. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "semanticfpn_tinyvim_b_ade20k",
        "semanticfpn_efficientvim_m4_ade20k",
        "semanticfpn_mobilemamba_b4_ade20k",
        "deeplabv3_mobilemamba_b4_ade20k",
        "upernet_efficientvmamba_t_ade20k"
      })
  void trainsThreeStepsOnPixels(String name) throws Exception {
    List<String> reduced = new ArrayList<>(REDUCED_PIXELS);
    reduced.add("data.path=" + SmallData.ofPixels(folder));
    Recipe recipe = RecipeLoader.load(name, reduced);
    LoneRank.Run run = new LoneRank(folder).train(name, recipe);
    SplitScore score = Scoring.of(recipe, 150).merged(List.of(run.score()));
    assertThat(score.samples()).isEqualTo(10);
    assertThat(score.measures().get("aacc")).isBetween(0.0, 1.0);
    discard(run);
  }

  @ParameterizedTest
  @MethodSource("ofPixels")
  void networkAndRulesOfARecipeForPixelsFitTogether(String name) {
    List<String> reduced = new ArrayList<>(REDUCED_PIXELS);
    reduced.add("data.path=" + data);
    TrainingSetup.check(RecipeLoader.load(name, reduced), 150);
  }

  @ParameterizedTest
  @MethodSource("ofObjects")
  void networkAndRulesOfARecipeForObjectsFitTogether(String name) {
    List<String> reduced = new ArrayList<>(REDUCED_OBJECTS);
    reduced.add("data.path=" + data);
    TrainingSetup.check(RecipeLoader.load(name, reduced), 80);
  }

  /** One of each kind of neck and head. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "retinanet_mobilemamba_b1_coco",
        "retinanet_efficientvmamba_t_coco",
        "ssdlite_mobilemamba_b1_coco",
        "maskrcnn_tinyvim_s_coco"
      })
  void trainsThreeStepsOnObjects(String name) throws Exception {
    List<String> reduced = new ArrayList<>(REDUCED_OBJECTS);
    reduced.add("data.path=" + SmallData.ofObjects(folder.resolve(name), 2, 2));
    Recipe recipe = RecipeLoader.load(name, reduced);
    LoneRank.Run run = new LoneRank(folder).train(name, recipe);
    SplitScore score = Scoring.of(recipe, SmallData.OBJECT_CLASSES).merged(List.of(run.score()));
    assertThat(score.samples()).isEqualTo(2);
    assertThat(score.measures().get("ap")).isBetween(0.0, 1.0);
    discard(run);
  }

  /** Weights that a recipe for finer pictures goes on from. */
  private static org.apache.hadoop.fs.Path start() throws Exception {
    return new LoneRank(folder).train("start", recipe("efficientvim_m4_imagenet")).checkpoints();
  }

  /** Weights and moments of all networks would fill a disk. */
  private static void discard(LoneRank.Run run) throws IOException {
    run.checkpoints().getFileSystem(CONF).delete(run.checkpoints(), true);
  }

  @Test
  void everyPublishedNetworkHasItsRecipe() throws IOException {
    List<String> published =
        Models.names().stream().filter(name -> Models.facts(name).isPresent()).toList();
    assertThat(published).hasSize(17);
    assertThat(names())
        .containsAll(published.stream().map(name -> name + "_imagenet").toList())
        .containsAll(published.stream().map(name -> PIXELS + name + "_ade20k").toList())
        .containsAll(published.stream().map(name -> BOXES + name + "_coco").toList())
        .containsAll(published.stream().map(name -> MASKS + name + "_coco").toList())
        .contains("ssdlite_mobilemamba_b1_coco", "ssdlite_mobilemamba_b1_512_coco")
        .contains("deeplabv3_mobilemamba_b4_ade20k", "pspnet_mobilemamba_b4_ade20k")
        .contains("upernet_efficientvmamba_t_ade20k", "upernet_efficientvmamba_b_ade20k");
  }

  @ParameterizedTest
  @MethodSource("names")
  void theHeaderSaysHowToRunItAndWhereItComesFrom(String name) throws IOException {
    String text = Files.readString(RECIPES.resolve(name + ".conf"));
    String header = text.substring(0, text.indexOf("\n\n"));
    if (!name.startsWith("quickstart")) {
      assertThat(header).contains("--recipe " + name + " ", "# Source: ", "# What differs");
    }
    List<String> overrides = new ArrayList<>();
    Matcher matcher = OVERRIDE.matcher(header);
    while (matcher.find()) {
      overrides.add(matcher.group(1));
    }
    RecipeLoader.load(name, overrides);
  }
}
