package io.elapid.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeLoaderTest {

  static List<String> bundled() {
    return RecipeFiles.bundled();
  }

  private static List<String> mistakes(String text, String... overrides) {
    InputException thrown =
        catchThrowableOfType(
            InputException.class,
            () -> RecipeLoader.parse("recipe.conf", text, List.of(overrides)));
    return thrown.getMessage().lines().toList();
  }

  @ParameterizedTest
  @MethodSource("bundled")
  void everyBundledRecipeLoadsAndItsRenderingLoadsBackToTheSame(String name) {
    Recipe recipe = RecipeLoader.load(name, List.of());

    assertThat(recipe.name()).isEqualTo(name);
    assertThat(RecipeLoader.parse("rendered", recipe.render(), List.of())).isEqualTo(recipe);
  }

  @Test
  void anUnusualRecipeSurvivesRendering() {
    Recipe recipe =
        RecipeLoader.parse(
            "r",
            "name = \"a \\\"b\\\" # ä\", seed = -9223372036854775808, output = \"hdfs://n:8020/x\"",
            List.of(
                "data.timeout=1500ms",
                "cluster.step-timeout=7ns",
                "optimizer.epsilon=1e-12",
                "data.train-transforms=[{type=center-crop}]"));

    assertThat(RecipeLoader.parse("rendered", recipe.render(), List.of())).isEqualTo(recipe);
    assertThat(recipe.data().timeout()).isEqualTo(Duration.ofMillis(1500));
    assertThat(recipe.output()).contains("hdfs://n:8020/x");
  }

  @Test
  void trainingTransformsEndWithWhatIsDoneToNumbersAndBatches() {
    assertThatThrownBy(
            () ->
                RecipeLoader.parse(
                    "recipe.conf",
                    """
                    data.train-transforms = [
                      { type = batch-mix, mixup = 0, cutmix = 0 }
                      { type = random-resized-crop }
                    ]
                    data.eval-transforms = [{ type = center-crop }, { type = random-erasing }]
                    """,
                    List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("random-erasing and then batch-mix come last")
        .hasMessageContaining("are for training only");
  }

  @Test
  void overridesWinOverTheRecipeAndTheLastOneOfAKeyWins() {
    Recipe recipe =
        RecipeLoader.parse(
            "r.conf",
            "batch.size = 128, data.path = /from/recipe",
            List.of(
                "batch.size=32",
                "batch.size=64",
                "data.path=hdfs://nn:8020/data?x=y#z",
                "data.mean=[0, 0.5, 1]"));

    assertThat(recipe.batch().size()).isEqualTo(64);
    assertThat(recipe.data().requirePath()).isEqualTo("hdfs://nn:8020/data?x=y#z");
    assertThat(recipe.data().mean()).containsExactly(0.0, 0.5, 1.0);
  }

  @Test
  void everyMistakeIsReportedAtOnceWithFileLineAndTheNearestKey() {
    String text =
        """
        optimiser.lr = 1e-3
        batch { size = 65, shards = 4 }
        model.image-size = big
        ema.decay = 1.5
        schedule {
          learningRate = 1e-3
          min-learning-rate = 1
          typ = cosine
        }
        sync.mode = allreduce
        data.train-transforms = [
          { type = random-resized-crop, min-aera = 0.5 }
          { type = horizontal-flp }
        ]
        data.timeout = 30
        """;

    assertThat(mistakes(text, "log.evry-steps=3", "cluster.ranks=two"))
        .containsExactly(
            "recipe.conf: 1: optimiser.lr: unknown key, did you mean schedule.learning-rate?",
            "recipe.conf: 2: batch.size: 65 is not divisible by batch.shards = 4",
            "recipe.conf: 3: model.image-size: expected an integer, got \"big\"",
            "recipe.conf: 4: ema.decay: must be in [0, 1), got 1.5",
            "recipe.conf: 6: schedule.learningRate: unknown key, did you mean"
                + " schedule.learning-rate?",
            "recipe.conf: 7: schedule.min-learning-rate: 1.0 is above schedule.learning-rate ="
                + " 0.002",
            "recipe.conf: 8: schedule.typ: unknown key, did you mean schedule.type?",
            "recipe.conf: 10: sync.mode: expected one of all-reduce, average, got \"allreduce\","
                + " did you mean all-reduce?",
            "recipe.conf: 12: data.train-transforms[0].min-aera: unknown key, did you mean"
                + " min-area?",
            "recipe.conf: 13: data.train-transforms[1].type: unknown type \"horizontal-flp\", did"
                + " you mean horizontal-flip? (one of random-resized-crop, horizontal-flip,"
                + " resize, center-crop, color-jitter, rand-augment, random-erasing, batch-mix)",
            "recipe.conf: 15: data.timeout: expected a duration above zero such as 30s or 10m, got"
                + " 30",
            "-D log.evry-steps=3: log.evry-steps: unknown key, did you mean log.every-steps?",
            "-D cluster.ranks=two: cluster.ranks: expected an integer, got \"two\"");
  }

  @ParameterizedTest
  @CsvSource({
    "lr, schedule.learning-rate",
    "wd, optimizer.weight-decay",
    "bs, batch.size",
    "batch_size, batch.size",
    "model.size, model.image-size",
    "model.imageSize, model.image-size",
    "checkpoint.every, checkpoint.every-epochs",
    "schedule.warmup, schedule.warmup-epochs",
    "labelSmoothing, loss.label-smoothing",
    "ranks, cluster.ranks"
  })
  void theKeyThatWasProbablyMeantIsFound(String written, String meant) {
    assertThat(mistakes(written + " = 3"))
        .containsExactly(
            "recipe.conf: 1: " + written + ": unknown key, did you mean " + meant + "?");
  }

  @Test
  void noKeyIsSuggestedWhereNoneIsNear() {
    assertThat(mistakes("foo.bar.baz = 3"))
        .containsExactly("recipe.conf: 1: foo.bar.baz: unknown key");
  }

  @Test
  void moreRanksThanShardsAndEmaWeightsWithoutEmaAreMistakes() {
    assertThat(
            mistakes(
                "cluster.ranks = 9\nevaluation.weights = ema\nschedule.warmup-epochs = 300\n"
                    + "data.mean = [0]\ndata.eval-transforms = []"))
        .containsExactly(
            "recipe.conf: 1: cluster.ranks: 9 ranks cannot share batch.shards = 8: every rank needs"
                + " a shard",
            "recipe.conf: 2: evaluation.weights: ema needs ema.decay above 0",
            "recipe.conf: 3: schedule.warmup-epochs: must be below schedule.epochs = 300",
            "recipe.conf: 4: data.mean: expected three numbers (R, G, B)",
            "recipe.conf: 5: data.eval-transforms: needs random-resized-crop or center-crop, so"
                + " that all pictures of a batch have one size");
  }

  @Test
  void whatTeachesAndLimitsMustFitTogether() {
    assertThat(
            mistakes(
                """
                clip { norm = 1, adaptive = 0.02 }
                mesa.ratio = 1
                distillation.type = hard
                model.heads = single
                distillation.pupil = distillation-head
                distillation.weight = 0
                """))
        .containsExactly(
            "recipe.conf: 1: clip.adaptive: cannot go with clip.norm: one of them must be 0",
            "recipe.conf: 2: mesa.ratio: what teaches is the moving average: needs ema.decay above 0",
            "recipe.conf: 5: distillation.pupil: there is no distillation head: model.heads is single",
            "recipe.conf: 6: distillation.weight: must be in (0, 1000], got 0");
    assertThat(mistakes("ema.decay = 0.9\nmesa.ratio = 1\ndistillation.type = soft"))
        .containsExactly(
            "recipe.conf: 2: mesa.ratio: cannot go with a teacher: set it to 0, or"
                + " distillation.type to none");
  }

  @Test
  void schedulesMustFitTheirType() {
    assertThat(
            mistakes(
                """
                schedule.type = step
                schedule.epochs = 10
                schedule.pace = epoch-late
                schedule.warmup-epochs = 1
                schedule.warmup-steps = 500
                schedule.decay-epoch = 10
                schedule.milestones = [8, 8]
                """))
        .containsExactly(
            "recipe.conf: 3: schedule.pace: only type cosine is ever late",
            "recipe.conf: 5: schedule.warmup-steps: the warm-up is counted in steps or in epochs:"
                + " one of them must be 0",
            "recipe.conf: 6: schedule.decay-epoch: must be below schedule.epochs = 10",
            "recipe.conf: 7: schedule.milestones: must rise and stay below schedule.epochs = 10");
    assertThat(mistakes("schedule.type = step\nschedule.warmup-reach = last"))
        .singleElement()
        .asString()
        .startsWith("base.conf: ")
        .endsWith(": schedule.milestones: type step needs the epochs of its steps");
    assertThat(
            mistakes(
                "schedule.warmup-reach = last\nschedule.warmup-epochs = 0\nschedule.warmup-steps = 5"))
        .containsExactly(
            "recipe.conf: 1: schedule.warmup-reach: type cosine reaches its peak behind the warm-up",
            "recipe.conf: 3: schedule.warmup-steps: the warm-up of type cosine is counted in epochs");
  }

  @Test
  void rulesForTensorsAreReadAndTheirMistakesNamed() {
    Recipe recipe =
        RecipeLoader.parse(
            "r",
            "optimizer.rules = [{ names = \"head.*\", rate = 10 }, { names = \"*.norm*\", decay = 0 }]\n"
                + "model.drop-path = 0.1",
            List.of("freeze.names=[\"a.*\", \"b\"]"));
    assertThat(recipe.optimizer().rules())
        .containsExactly(
            new Recipe.ParameterRule("head.*", OptionalDouble.of(10), OptionalDouble.empty()),
            new Recipe.ParameterRule("*.norm*", OptionalDouble.empty(), OptionalDouble.of(0)));
    assertThat(recipe.freeze().names()).containsExactly("a.*", "b");
    assertThat(recipe.model().dropPath()).hasValue(0.1);
    assertThat(RecipeLoader.parse("rendered", recipe.render(), List.of())).isEqualTo(recipe);
    assertThat(
            mistakes(
                "optimizer.rules = [\n{ rate = 0, type = x },\n{ names = a, rat = 2 },\nheads]\n"
                    + "model.drop-path = 1\nbatch.accumulate = 0"))
        .containsExactly(
            "recipe.conf: 2: optimizer.rules[0].type: unknown key",
            "recipe.conf: 2: optimizer.rules[0].names: needs a value",
            "recipe.conf: 2: optimizer.rules[0].rate: must be in (0, 1000], got 0",
            "recipe.conf: 3: optimizer.rules[1].rat: unknown key, did you mean rate?",
            "recipe.conf: 4: optimizer.rules[2]: expected an object of names, rate, decay, got"
                + " \"heads\"",
            "recipe.conf: 5: model.drop-path: must be in [0, 1), got 1",
            "recipe.conf: 6: batch.accumulate: must be in [1, 1024], got 0");
  }

  @Test
  void aPlainValueInPlaceOfASectionIsReportedOnceAndTheRestStillRead() {
    assertThat(mistakes("batch = 64\nclip = null\nname = null\nseed = 1.5"))
        .containsExactly(
            "recipe.conf: 1: batch: expected a section { ... }, got 64",
            "recipe.conf: 2: clip: expected a section { ... }, got null",
            "recipe.conf: 3: name: needs a value",
            "recipe.conf: 4: seed: expected an integer, got 1.5");
  }

  @Test
  void aSyntaxErrorAnIncludeAndAMalformedOverrideNameTheirPlace() {
    assertThat(mistakes("batch {\n  size = [\n"))
        .singleElement()
        .asString()
        .startsWith("recipe.conf: 3: ");
    assertThat(mistakes("include \"other.conf\""))
        .singleElement()
        .asString()
        .contains("other.conf", "stands alone");
    assertThat(mistakes("seed = ${nowhere}")).singleElement().asString().contains("nowhere");
    assertThat(mistakes("", "seed", "=3", "a..b=1"))
        .containsExactly(
            "-D seed: expected key=value",
            "-D =3: expected key=value",
            "-D a..b=1: not a key: a..b");
  }

  @Test
  void neitherEnvironmentNorSystemPropertiesChangeARecipe() {
    assertThat(mistakes("output = ${HOME}")).singleElement().asString().contains("HOME");
  }

  @Test
  void aKeyThatACommandNeedsAndTheRecipeLacksIsNamedWithAWayOut() {
    Recipe recipe = RecipeLoader.parse("r.conf", "", List.of());

    assertThatThrownBy(() -> recipe.data().requirePath())
        .isInstanceOfSatisfying(
            InputException.class, e -> assertThat(e.remedy()).contains("-D data.path="))
        .hasMessageContaining("data.path");
    assertThatThrownBy(recipe::requireOutput).hasMessageContaining("output");
  }

  @Test
  void recipesAreFoundByPathByFileUriAndByName(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("mine.conf"), "seed = 7");

    assertThat(RecipeLoader.load(file.toString(), List.of()).seed()).isEqualTo(7);
    assertThat(RecipeLoader.load(file.toUri().toString(), List.of()).name()).isEqualTo("mine");
    assertThat(RecipeLoader.load("quickstart.conf", List.of()).name()).isEqualTo("quickstart");
    assertThatThrownBy(() -> RecipeLoader.load("quikstart", List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("did you mean quickstart?");
    for (String missing :
        List.of("no/such/recipe.conf", "file:/a b.conf", "file:rel", "a\0b", "")) {
      assertThatThrownBy(() -> RecipeLoader.load(missing, List.of()))
          .isInstanceOf(InputException.class);
    }
    Path binary = Files.write(folder.resolve("b.conf"), new byte[] {(byte) 0xff, 0, 1});
    assertThatThrownBy(() -> RecipeLoader.load(binary.toString(), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be read");
  }
}
