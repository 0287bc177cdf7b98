package io.elapid.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.elapid.data.InputException;
import io.elapid.data.augment.BytePhotometricDistortion;
import io.elapid.data.augment.ColorRanges;
import io.elapid.data.augment.Expand;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.KeepRatioResize;
import io.elapid.data.augment.MinIouCrop;
import io.elapid.data.augment.Pad;
import io.elapid.data.augment.PhotometricDistortion;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.RandomChoice;
import io.elapid.data.augment.RandomCrop;
import io.elapid.data.augment.RangeCrop;
import io.elapid.data.augment.RatioRangeResize;
import io.elapid.data.augment.ReduceZeroLabel;
import io.elapid.data.augment.SquareResize;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.KernelChoice;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
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
  private static final String QUOTED =
      "in quotes this is one name with dots in it, which no key has: write it without quotes";

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

  @Test
  void aScheduleThatNeverReachesTheSmallestRateMayStayBelowIt() {
    String text =
        "schedule { type = %s, learning-rate = 5e-6, warmup-learning-rate = 0, milestones = [1] }";
    for (String type : List.of("constant", "step")) {
      assertThat(
              RecipeLoader.parse("recipe.conf", text.formatted(type), List.of())
                  .schedule()
                  .learningRate())
          .isEqualTo(5e-6);
    }
    assertThat(mistakes(text.formatted("linear")))
        .anyMatch(line -> line.contains("schedule.min-learning-rate"));
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
  void transformsOfObjectsAndPixelsAreReadWithTheirDefaults() {
    Recipe objects =
        RecipeLoader.parse(
            "r",
            """
            data.train-transforms = [
              { type = random-choice, branches = [
                [{ type = keep-ratio-resize, short-sides = [480, 512] }]
                [
                  { type = keep-ratio-resize, short-sides = [400, 500, 600] }
                  { type = range-crop }
                ]
              ] }
              { type = expand }
              { type = min-iou-crop }
              { type = square-resize }
              { type = photometric-distortion }
              { type = horizontal-flip }
              { type = pad }
            ]
            data.eval-transforms = [{ type = keep-ratio-resize }, { type = pad }]
            """,
            List.of());
    assertThat(RecipeLoader.parse("rendered", objects.render(), List.of())).isEqualTo(objects);
    assertThat(Transforms.pipeline(objects, objects.data().trainTransforms()).transforms())
        .containsExactly(
            new RandomChoice(
                List.of(
                    new Pipeline(List.of(new KeepRatioResize(1333, List.of(480, 512)))),
                    new Pipeline(
                        List.of(
                            new KeepRatioResize(1333, List.of(400, 500, 600)),
                            new RangeCrop(384, 600))))),
            new Expand(0.5, 1, 4, new Expand.Color(123, 116, 103)),
            new MinIouCrop(List.of(0.1, 0.3, 0.5, 0.7, 0.9), 0.3),
            new SquareResize(224),
            new PhotometricDistortion(ColorRanges.published()),
            new HorizontalFlip(0.5),
            Pad.toMultiple(32));
    Recipe pixels =
        RecipeLoader.parse(
            "r",
            """
            model.image-size = 512
            data.train-transforms = [
              { type = reduce-zero-label }
              { type = ratio-range-resize }
              { type = random-crop }
              { type = horizontal-flip }
              { type = byte-photometric-distortion }
              { type = pad-square }
            ]
            data.eval-transforms = [
              { type = reduce-zero-label }
              { type = keep-ratio-resize, long-side = 2048, short-sides = [512] }
              { type = multiple-resize }
            ]
            """,
            List.of());
    assertThat(Transforms.pipeline(pixels, pixels.data().trainTransforms()).transforms())
        .containsExactly(
            new ReduceZeroLabel(),
            new RatioRangeResize(2048, 512, 0.5, 2),
            new RandomCrop(512, 0.75),
            new HorizontalFlip(0.5),
            new BytePhotometricDistortion(ColorRanges.published()),
            Pad.toSquare(512));
  }

  /** conf/base.conf shows every type with its defaults; they must be those of the records. */
  @Test
  void everyTypeIsDocumentedWithItsDefaults() {
    String base = RecipeFiles.base();
    for (Class<?> type : TransformSpec.class.getPermittedSubclasses()) {
      String start = "#   { type = " + Keys.of(type);
      assertThat(base).as(type.getSimpleName()).contains(start);
      String line =
          base.lines()
              .filter(l -> l.contains(start + ",") || l.contains(start + " "))
              .findFirst()
              .orElseThrow();
      for (RecordComponent component : type.getRecordComponents()) {
        Default value = component.getAnnotation(Default.class);
        String shown =
            value == null
                ? Keys.of(component) + " = "
                : Keys.of(component) + " = " + value.value().replaceAll("\\.0$", "");
        assertThat(line).contains(shown);
      }
    }
  }

  @Test
  void transformsForAnyDataSetAreForThatOfTheTask() {
    List<String> overrides =
        List.of("data.train-transforms=[{type=horizontal-flip}]", "data.eval-transforms=[]");
    Recipe recipe = RecipeLoader.parse("r", "task.type = object-detection", overrides);
    assertThat(recipe.data().evalTransforms()).isEmpty();
    assertThatThrownBy(() -> RecipeLoader.parse("r", "", overrides))
        .hasMessageContaining("needs random-resized-crop or center-crop");
  }

  @Test
  void transformsThatDoNotGoTogetherAreAllTold() {
    assertThat(
            mistakes(
                """
                data.train-transforms = [{ type = min-iou-crop }, { type = random-resized-crop }]
                data.eval-transforms = [
                  { type = keep-ratio-resize, short-sides = [] }
                ]
                """))
        .containsExactly(
            "recipe.conf: 1: data.train-transforms: [1] random-resized-crop is for classification,"
                + " but what stands before it for detection",
            "recipe.conf: 2: data.eval-transforms: [0] shortSides must name at least one length");
    assertThat(
            mistakes(
                """
                data.train-transforms = [{ type = pad }, { type = random-crop }]
                data.eval-transforms = [{ type = resize }, { type = center-crop }]
                """))
        .containsExactly(
            "recipe.conf: 1: data.train-transforms: [1] random-crop must stand before padding",
            "recipe.conf: 2: data.eval-transforms: are for another kind of data set than"
                + " data.train-transforms");
    assertThat(
            mistakes(
                """
                data.train-transforms = [{ type = photometric-distortion }, { type = square-resize }]
                data.eval-transforms = [
                  { type = random-choice, branches = [[{ type = pad }], [{ type = horizontal-flp }]] }
                ]
                """))
        .containsExactly(
            "recipe.conf: 1: data.train-transforms: [1] square-resize must stand before"
                + " photometric-distortion",
            "recipe.conf: 3: data.eval-transforms[0].branches[1][0].type: unknown type"
                + " \"horizontal-flp\", did you mean horizontal-flip? (one of random-resized-crop,"
                + " horizontal-flip, resize, center-crop, color-jitter, rand-augment,"
                + " random-erasing, batch-mix, keep-ratio-resize, ratio-range-resize,"
                + " multiple-resize, square-resize, random-choice, range-crop, min-iou-crop,"
                + " expand, photometric-distortion, byte-photometric-distortion,"
                + " reduce-zero-label, random-crop, pad, pad-square)");
    assertThat(
            mistakes(
                """
                data.train-transforms = [{ type = random-crop }, { type = reduce-zero-label }]
                data.eval-transforms = [{ type = random-choice, branches = [[{ type = pad }]] }]
                """))
        .containsExactly(
            "recipe.conf: 1: data.train-transforms: [1] reduce-zero-label must stand first: what"
                + " follows counts labels",
            "recipe.conf: 2: data.eval-transforms: [0] random-choice cannot choose what has to"
                + " stand first or last");
  }

  @Test
  void picturesThatAreMixedNeedAnotherInTheirShard() {
    String text =
        """
        batch { size = 8, shards = %d }
        data.train-transforms = [{ type = random-resized-crop }, { type = batch-mix }]
        """;
    assertThat(mistakes(text.formatted(8)))
        .containsExactly(
            "recipe.conf: 2: data.train-transforms: [1] batch-mix finds no second picture in a"
                + " virtual shard: batch.size must be at least twice batch.shards");
    assertThat(RecipeLoader.parse("recipe.conf", text.formatted(4), List.of()).batch().shards())
        .isEqualTo(4);
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
            "recipe.conf: 10: sync.mode: expected one of all-reduce, average, dl4j, got \"allreduce\","
                + " did you mean all-reduce?",
            "recipe.conf: 12: data.train-transforms[0].min-aera: unknown key, did you mean"
                + " min-area?",
            "recipe.conf: 13: data.train-transforms[1].type: unknown type \"horizontal-flp\", did"
                + " you mean horizontal-flip? (one of random-resized-crop, horizontal-flip,"
                + " resize, center-crop, color-jitter, rand-augment, random-erasing, batch-mix,"
                + " keep-ratio-resize, ratio-range-resize, multiple-resize, square-resize,"
                + " random-choice, range-crop, min-iou-crop, expand, photometric-distortion,"
                + " byte-photometric-distortion, reduce-zero-label, random-crop, pad, pad-square)",
            "recipe.conf: 15: data.timeout: expected a duration above zero such as 30s or 10m, got"
                + " 30",
            "-D log.evry-steps=3: log.evry-steps: unknown key, did you mean log.every-steps?",
            "-D cluster.ranks=two: cluster.ranks: expected an integer, got \"two\"");
  }

  @Test
  void aSizeThatTheNetworkDoesNotTakeIsNamed() {
    assertThat(mistakes("model { name = tinyvim_s, image-size = 100 }"))
        .containsExactly(
            "recipe.conf: 1: model.image-size: tinyvim_s takes sides that are multiples of 32, got 100");
    RecipeLoader.parse("r", "model { name = efficientvim_m1, image-size = 100 }", List.of());
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
            "recipe.conf: 5: data.eval-transforms: needs random-resized-crop or center-crop,"
                + " and no resize behind it, so that all pictures of a batch have one size");
  }

  @Test
  void onlyClassifiersRepeatPictures() {
    Recipe recipe = RecipeLoader.parse("r", "data.repeats = 3", List.of());
    assertThat(recipe.data().repeats()).isEqualTo(3);
    assertThat(
            mistakes(
                """
                task.type = object-detection
                data.train-transforms = [{ type = horizontal-flip }]
                data.eval-transforms = []
                data.repeats = 3
                """))
        .containsExactly(
            "recipe.conf: 4: data.repeats: only classifiers are shown a picture several times: set it to 1");
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
            "recipe.conf: 2: mesa.ratio: what teaches is the moving average: needs ema.decay above"
                + " 0",
            "recipe.conf: 5: distillation.pupil: there is no distillation head: model.heads is"
                + " single",
            "recipe.conf: 6: distillation.weight: must be in (0, 1000], got 0");
    assertThat(mistakes("ema.decay = 0.9\nmesa.ratio = 1\ndistillation.type = soft"))
        .containsExactly(
            "recipe.conf: 2: mesa.ratio: cannot go with a teacher: set it to 0, or"
                + " distillation.type to none");
  }

  @Test
  void nothingResizesBehindTheCropToTheSizeOfTheNetwork() {
    String crop = "{ type = center-crop }";
    String resize = "{ type = resize }";
    String resized = "{ type = random-choice, branches = [[%s, %s], [%s]] }";
    List<String> wrong =
        List.of(crop + resize, crop + resized.formatted(crop, resize, crop), resize);
    List<String> right =
        List.of(resize + crop, crop + resize + crop, resized.formatted(resize, crop, crop));
    for (String transforms : wrong) {
      assertThat(mistakes("data.eval-transforms = [%s]".formatted(transforms)))
          .containsExactly(
              "recipe.conf: 1: data.eval-transforms: needs random-resized-crop or center-crop, and no"
                  + " resize behind it, so that all pictures of a batch have one size");
    }
    for (String transforms : right) {
      String text = "data.eval-transforms = [%s]".formatted(transforms);
      assertThat(RecipeLoader.parse("r", text, List.of()).data().evalTransforms()).isNotEmpty();
    }
  }

  @Test
  void noChoiceHoldsWhatIsNotDoneToSinglePictures() {
    for (String type : List.of("random-erasing", "batch-mix")) {
      assertThat(
              mistakes(
                  "data.train-transforms = [{ type = center-crop }, { type = random-choice, branches ="
                      + " [[{ type = %s }], []] }]".formatted(type)))
          .containsExactly(
              "recipe.conf: 1: data.train-transforms: [1] random-choice cannot choose what has to stand"
                  + " first or last");
    }
  }

  @Test
  void shardsAreKeptWhereAllRanksOfAHostFindThem() {
    for (String folder : List.of("cache", "hdfs:///cache", "file:/cache")) {
      assertThat(mistakes("data.cache = \"%s\"".formatted(folder)))
          .containsExactly(
              "recipe.conf: 1: data.cache: expected an absolute path on the local disk such as"
                  + " /local/elapid, got \"%s\"".formatted(folder));
    }
    assertThat(RecipeLoader.parse("r", "data.cache = /cache", List.of()).data().cache())
        .hasValue("/cache");
  }

  @Test
  void onlyGradientsThatAreSummedAreCompressed() {
    for (String mode : List.of("average", "dl4j")) {
      assertThat(mistakes("sync.compression = fp16\nsync.mode = " + mode))
          .containsExactly(
              "recipe.conf: 1: sync.compression: only gradients that are summed are compressed: set"
                  + " sync.mode = all-reduce, or sync.compression = none");
    }
  }

  @Test
  void aCosineOfARunInStepsBeginsAtAStep() {
    assertThat(
            mistakes(
                """
                schedule.type = flat-cosine
                schedule.steps = 4000
                schedule.warmup-epochs = 0
                schedule.cooldown-epochs = 0
                schedule.decay-epoch = 6
                """))
        .containsExactly(
            "recipe.conf: 5: schedule.decay-epoch: must be 0 where the run is counted in"
                + " schedule.steps: use schedule.decay-step");
  }

  @Test
  void aRunCountedInStepsHasNothingCountedInEpochs() {
    assertThat(
            mistakes(
                """
                schedule.type = step
                schedule.steps = 4000
                schedule.pace = epoch
                schedule.warmup-epochs = 1
                schedule.cooldown-epochs = 1
                schedule.decay-step = 4000
                schedule.milestones = [3000, 4000]
                """))
        .containsExactly(
            "recipe.conf: 3: schedule.pace: must be step where the run is counted in"
                + " schedule.steps",
            "recipe.conf: 4: schedule.warmup-epochs: must be 0 where the run is counted in"
                + " schedule.steps: use schedule.warmup-steps",
            "recipe.conf: 5: schedule.cooldown-epochs: must be 0 where the run is counted in"
                + " schedule.steps",
            "recipe.conf: 6: schedule.decay-step: must be below schedule.steps = 4000",
            "recipe.conf: 7: schedule.milestones: must rise and stay below schedule.steps = 4000");
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
        .endsWith(": schedule.milestones: type step needs to know where it steps");
    assertThat(
            mistakes(
                """
                schedule.warmup-reach = last
                schedule.warmup-epochs = 0
                schedule.warmup-steps = 5
                """))
        .containsExactly(
            "recipe.conf: 1: schedule.warmup-reach: type cosine reaches its peak behind the"
                + " warm-up",
            "recipe.conf: 3: schedule.warmup-steps: the warm-up of type cosine is counted in"
                + " epochs");
  }

  @Test
  void whatDl4jsAveragingCannotDoIsRefusedWithAWayOut() {
    assertThat(
            mistakes(
                """
                sync { mode = dl4j, batch-norm = batch }
                batch { size = 24, shards = 6 }
                cluster { ranks = 4, gpus-per-rank = 1 }
                log.profile-steps = 3
                """))
        .containsExactlyInAnyOrder(
            "recipe.conf: 1: sync.batch-norm: batch needs ranks that step together: set sync.mode ="
                + " all-reduce, or sync.batch-norm = shard",
            "recipe.conf: 3: cluster.ranks: 4 ranks have unequal shares of batch.shards x"
                + " batch.accumulate = 6, and sync.mode = dl4j counts all ranks alike: change one"
                + " of them, or set sync.mode = average",
            "recipe.conf: 3: cluster.gpus-per-rank: must be 0 with sync.mode = dl4j, which trains on"
                + " processors alone: set sync.mode = average",
            "recipe.conf: 4: log.profile-steps: must be 0 with sync.mode = dl4j, whose ranks keep no"
                + " trace: set sync.mode = average");
  }

  @Test
  void aDistributionForGpusGivesEveryRankOneUnlessItIsToldOtherwise() {
    assertThat(gpusPerRank("")).isZero();
    System.setProperty(KernelChoice.DISTRIBUTION, "cuda");
    try {
      assertThat(gpusPerRank("")).isEqualTo(1);
      assertThat(gpusPerRank("cluster.gpus-per-rank = 0")).isZero();
      assertThat(mistakes("sync.mode = dl4j"))
          .singleElement()
          .asString()
          .startsWith("the distribution for cuda: cluster.gpus-per-rank: must be 0 with sync.mode");
      System.setProperty(Accelerator.KERNELS, "cpu");
      assertThat(gpusPerRank("")).isZero();
    } finally {
      System.clearProperty(KernelChoice.DISTRIBUTION);
      System.clearProperty(Accelerator.KERNELS);
    }
  }

  @Test
  void onlyGpusKeepTensorsInHalfTheBytes() {
    String halves = "cluster.gpu-storage = bfloat16";
    String gpus = "cluster.gpus-per-rank = 1\n";
    assertThat(RecipeLoader.parse("r", gpus + halves, List.of()).cluster().gpuStorage())
        .isEqualTo(ClusterSpec.GpuStorage.BFLOAT16);
    assertThat(mistakes(halves))
        .containsExactly(
            "recipe.conf: 1: cluster.gpu-storage: only a GPU keeps tensors in bfloat16: set"
                + " cluster.gpus-per-rank = 1, or cluster.gpu-storage = float32");
    assertThat(mistakes(gpus + "cluster.gpu-storage = float16"))
        .singleElement()
        .asString()
        .contains("cluster.gpu-storage", "float32", "bfloat16");
  }

  private static int gpusPerRank(String recipe) {
    return RecipeLoader.parse("recipe.conf", recipe, List.of()).cluster().gpusPerRank();
  }

  @Test
  void batchNormsOfAWholeBatchNeedRanksThatStepTogetherOnIt() {
    assertThat(mistakes("sync.batch-norm = batch\nsync.mode = average\nbatch.accumulate = 2"))
        .containsExactly(
            "recipe.conf: 1: sync.batch-norm: batch needs ranks that step together: set sync.mode ="
                + " all-reduce, or sync.batch-norm = shard",
            "recipe.conf: 3: batch.accumulate: must be 1 with sync.batch-norm = batch, which takes all"
                + " shards of a step at the same time: raise batch.size instead, or set"
                + " sync.batch-norm = shard");
  }

  @Test
  void sumsOverGpusNeedRanksWithGpusThatAreConnectedAndSendGradientsAsTheyAre() {
    String gpus = "cluster.gpus-per-rank = 1\n";
    assertThat(
            RecipeLoader.parse("r", gpus + "sync.transport = nccl", List.of()).sync().transport())
        .isEqualTo(SyncSpec.SumTransport.NCCL);
    assertThat(mistakes("sync.transport = nccl"))
        .containsExactly(
            "recipe.conf: 1: sync.transport: nccl sums between GPUs: set cluster.gpus-per-rank = 1,"
                + " or sync.transport = sockets");
    assertThat(mistakes(gpus + "sync.transport = nccl\nsync.compression = fp16"))
        .containsExactly(
            "recipe.conf: 2: sync.transport: nccl sums gradients as they are: set sync.compression ="
                + " none, or sync.transport = sockets");
    assertThat(mistakes("sync.transport = nccl\nsync.mode = dl4j"))
        .contains(
            "recipe.conf: 1: sync.transport: nccl needs ranks that are connected, which those of"
                + " sync.mode = dl4j are not: set sync.transport = sockets");
  }

  @Test
  void rulesForTensorsAreReadAndTheirMistakesNamed() {
    Recipe recipe =
        RecipeLoader.parse(
            "r",
            "optimizer.rules = [{ names = \"head.*\", rate = 10 }, { names = \"*.norm*\", decay = 0"
                + " }]\n"
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
  void aRuleThatChangesNothingIsAMistake() {
    assertThat(mistakes("optimizer.rules = [{ names = a, rate = 2 }, { names = \"head.*\" }]"))
        .containsExactly(
            "recipe.conf: 1: optimizer.rules: [1] says neither rate nor decay of head.*");
  }

  @Test
  void aPathInQuotesIsNotTakenForAKeyOfTheSection() {
    assertThat(
            mistakes(
                """
                "schedule.epochs" = 1
                "batch": { "size": 8, "shards.x": 1 }
                "task.head": { "type": "upernet" }
                task { "head.type" = upernet }
                """,
                "\"ema.decay\"=0.9"))
        .containsExactly(
            "recipe.conf: 1: schedule.epochs: " + QUOTED,
            "recipe.conf: 2: batch.shards.x: unknown key, did you mean batch.shards?",
            "recipe.conf: 3: task.head: " + QUOTED,
            "recipe.conf: 4: task.head.type: " + QUOTED,
            "-D \"ema.decay\"=0.9: ema.decay: " + QUOTED);
  }

  @Test
  void numbersAreDecimalAndTextsStayAsTheyAreWritten() {
    assertThat(mistakes("ema.decay = 0.5d\nclip.norm = \"0x1p2\"\nmodel.drop-path = NaN"))
        .containsExactly(
            "recipe.conf: 1: ema.decay: expected a number, got \"0.5d\"",
            "recipe.conf: 2: clip.norm: expected a number, got \"0x1p2\"",
            "recipe.conf: 3: model.drop-path: expected a number, got \"NaN\"");
    Recipe recipe =
        RecipeLoader.parse(
            "r",
            "name = 007, data.train-split = 1.10\nclip.norm = .5e1",
            List.of("ema.decay=9.e-1", "data.validation-split=1e3"));
    assertThat(recipe.name()).isEqualTo("007");
    assertThat(recipe.data().trainSplit()).isEqualTo("1.10");
    assertThat(recipe.data().validationSplit()).isEqualTo("1e3");
    assertThat(recipe.clip().norm()).isEqualTo(5);
    assertThat(recipe.ema().decay()).isEqualTo(0.9);
  }

  @Test
  void noDurationIsSoLongThatASumOfTwoOverflows() {
    assertThat(mistakes("data.timeout = 36501d", "cluster.slots-timeout=1000000000d"))
        .containsExactly(
            "recipe.conf: 1: data.timeout: expected a duration of at most 36500d, got \"36501d\"",
            "-D cluster.slots-timeout=1000000000d: cluster.slots-timeout: expected a duration of at"
                + " most 36500d, got \"1000000000d\"");
    Duration longest = RecipeLoader.parse("r", "data.timeout = 36500d", List.of()).data().timeout();
    assertThat(longest.plus(longest).toNanos()).isPositive();
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
    String absent =
        ": a recipe has no such key, and does not read the environment: write the value, or pass it"
            + " by -D";
    assertThat(
            mistakes("seed = 1\nschedule.learning-rate = ${?LR}", "output=\"/runs/\"${?user.name}"))
        .containsExactlyInAnyOrder(
            "recipe.conf: 2: ${?LR}" + absent, "recipe.conf: ${?user.name}" + absent);
  }

  @Test
  void substitutionsOfKeysThatARecipeHasAreTaken() {
    Recipe recipe =
        RecipeLoader.parse(
            "r",
            "output = /runs/${name}, optimizer.rules += { names = a, rate = 2 }\n"
                + "schedule.warmup-learning-rate = ${?schedule.min-learning-rate}",
            List.of("name=x"));
    assertThat(recipe.requireOutput()).isEqualTo("/runs/x");
    assertThat(recipe.optimizer().rules()).hasSize(1);
    assertThat(recipe.schedule().warmupLearningRate()).isEqualTo(2e-5);
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
    assertThatThrownBy(() -> RecipeLoader.load("hdfs://nn:8020/r/mine.conf", List.of()))
        .isInstanceOfSatisfying(
            InputException.class,
            e -> assertThat(e.remedy()).contains("hdfs dfs -get hdfs://nn:8020/r/mine.conf"))
        .hasMessageContaining("local files");
    Path binary = Files.write(folder.resolve("b.conf"), new byte[] {(byte) 0xff, 0, 1});
    assertThatThrownBy(() -> RecipeLoader.load(binary.toString(), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be read");
  }
}
