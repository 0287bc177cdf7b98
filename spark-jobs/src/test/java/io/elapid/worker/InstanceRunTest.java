package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.checkpoint.Checkpoint;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.job.ExportFormat;
import io.elapid.job.ExportJob;
import io.elapid.predict.Prediction;
import io.elapid.task.evaluation.CocoScoring;
import io.elapid.task.evaluation.DetectionLimits;
import io.elapid.task.evaluation.IouType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects with masks, from shards to results, on a real rank: a few pictures learnt by heart. */
final class InstanceRunTest {
  private static final int STEPS = 60;
  private static final int PICTURES = 2;
  private static final String RECIPE =
      SmallRecipes.OF_OBJECTS
          + """
          task {
            type = instance-segmentation, frames = 3
            neck.channels = 32
            detections { score-threshold = 0.2, max-per-picture = 12 }
            regions { proposals = 100, sampled = 32, max-objects = 16 }
          }
          schedule.learning-rate = 2e-3
          """;
  private static final Configuration CONF = new Configuration();

  @TempDir static Path folder;
  private static org.apache.hadoop.fs.Path data;
  private static LoneRank.Run whole;

  @BeforeAll
  static void trained() throws Exception {
    data = SmallData.ofObjects(folder, PICTURES, 1);
    whole = new LoneRank(folder).train("whole", recipe());
  }

  private static Recipe recipe(String... overrides) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("data.path=" + data);
    return LoneRank.recipe(RECIPE, all);
  }

  private static SplitScore merged(List<String> shares) {
    return Scoring.of(recipe(), SmallData.OBJECT_CLASSES).merged(shares);
  }

  @Test
  void boxesAndMasksAreFoundAndTheCheckpointKeepsBothResults() throws Exception {
    SplitScore score = merged(List.of(whole.score()));
    assertThat(score.samples()).isEqualTo(PICTURES);
    assertThat(score.measures()).hasSize(24).containsKeys("ap", "ap50", "mask_ap", "mask_ap75");
    assertThat(score.measures().get("ap50")).isGreaterThan(0.1);
    assertThat(score.measures().get("mask_ap50")).isGreaterThan(0.1);
    assertThat(score.summary()).startsWith("AP ").contains("; masks AP ");
    JsonNode told = new JsonMapper().readTree(score.json());
    assertThat(told.path("pictures").asInt()).isEqualTo(PICTURES);
    assertThat(told.path("mask_ap").asDouble()).isEqualTo(score.measures().get("mask_ap"));
    assertThat(LoneRank.checkpoints(whole.checkpoints()).get(0).meta().metrics())
        .isEqualTo(score.measures());
    assertThat(score.sections(List.of("first", "second"))).hasSize(2);
    assertThat(recipe().metric()).isEqualTo(Recipe.Metric.MASK_AP);
  }

  @Test
  void aRunCutInTwoEndsLikeAnUncutOneBitForBit() throws Exception {
    List<Checkpoint> all = LoneRank.checkpoints(whole.checkpoints());
    Checkpoint middle = all.get(1);
    assertThat(middle.meta().step()).isLessThan(STEPS);
    LoneRank.Run rest = new LoneRank(folder).train("rest", recipe(), middle);
    assertThat(rest.score()).isEqualTo(whole.score());
    Checkpoint end = LoneRank.checkpoints(rest.checkpoints()).get(0);
    assertThat(LoneRank.bits(end)).isEqualTo(LoneRank.bits(all.get(0)));
  }

  @Test
  void sharesLeaveTheSameResultsWhateverTheirNumberAndCocoMeasuresThemAlike() throws Exception {
    SplitScore one = kept("one", 1);
    SplitScore two = kept("two", 2);
    assertThat(two.encode()).isEqualTo(one.encode());
    Path annotations = folder.resolve("scenes/annotations/instances_train2017.json");
    for (IouType type : IouType.values()) {
      String name = type == IouType.BBOX ? "results.bbox.json" : "results.segm.json";
      Path results = folder.resolve("one").resolve(name);
      assertThat(folder.resolve("two").resolve(name)).hasSameTextualContentAs(results);
      CocoScoring read =
          CocoScoring.of(CONF, path(annotations), path(results), type, DetectionLimits.PYCOCOTOOLS);
      String prefix = type == IouType.BBOX ? "" : "mask_";
      read.results()
          .named()
          .forEach(
              (measure, value) ->
                  assertThat(one.measures())
                      .containsEntry(prefix + measure.toLowerCase(Locale.ROOT), value));
    }
    assertThat(folder.resolve("two")).isDirectoryNotContaining("glob:**_shares");
  }

  private static org.apache.hadoop.fs.Path path(Path file) {
    return new org.apache.hadoop.fs.Path(file.toUri());
  }

  private static SplitScore kept(String results, int shares) throws Exception {
    EvaluateTask task =
        LoneRank.evaluation(
            whole, recipe(), "train", shares, path(folder.resolve(results)).toString());
    SplitScore score = merged(LoneRank.evaluated(task));
    task.publish();
    return score;
  }

  @Test
  void whatIsFoundIsDrawnAndToldWithItsPlace() throws Exception {
    PredictTask task = LoneRank.prediction(whole, recipe());
    byte[] picture = Files.readAllBytes(SmallData.scene(folder));
    PictureAnswer one =
        task.run(List.of(new PredictTask.BytesSource("one", picture)).iterator()).get(0);
    assertThat(one.candidates()).isNotEmpty().hasSizeLessThanOrEqualTo(3);
    Image drawn = ImageCodec.decode(one.painted());
    Image plain = ImageCodec.decode(picture);
    assertThat(drawn.width()).isEqualTo(plain.width());
    JsonNode told = new JsonMapper().valueToTree(one).path("candidates").path(0).path("place");
    assertThat(told.path("width").asDouble()).isBetween(1.0, 64.0);
    assertThat(told.path("mask").asText()).isNotBlank();
  }

  @Test
  void aFolderOfTheNetworkFindsTheSame() throws Exception {
    Path to = folder.resolve("model");
    ExportJob.Request both =
        ExportedFolder.request(to, Set.of(ExportFormat.MODEL, ExportFormat.ONNX));
    ExportJob job = new ExportJob(CONF, System.out);
    for (ThrowingCallable refused :
        List.<ThrowingCallable>of(
            () -> job.plan(ExportedFolder.model(whole), both),
            () -> job.run(ExportedFolder.model(whole), both))) {
      assertThatThrownBy(refused)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("it looks twice at a picture");
      assertThat(to).doesNotExist();
    }
    ExportedFolder exported = ExportedFolder.of(whole, to, Set.of(ExportFormat.MODEL));
    assertThat(exported.card()).contains("objects of 2 classes and their pixels", "| mask_ap50 |");
    List<byte[]> picture = List.of(Files.readAllBytes(SmallData.scene(folder)));
    Prediction found =
        exported.sayingWhatPredictSays(LoneRank.prediction(whole, recipe()), picture).get(0);
    assertThat(found.objects()).allMatch(object -> object.mask().isPresent());
    assertThat(found.objects().get(0).mask().orElseThrow().area()).isPositive();
  }

  @Test
  void mistakesInNecksAndRegionsAreNamed() {
    assertThatThrownBy(() -> recipe("task.regions.sampled=3", "task.detections.nms-threshold=0"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("task.regions.sampled: must be")
        .hasMessageContaining("task.detections.nms-threshold: must be");
    assertThatThrownBy(() -> recipe("task.neck.chanels=3"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("task.neck.channels");
    Recipe normed = recipe("model.name=tinyvim_s", "task.neck.norm=layer-norm");
    assertThatThrownBy(() -> TrainingSetup.check(normed, 2))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("task.neck.norm: layer-norm is for networks with three maps");
  }
}
