package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.PngEncoder;
import io.elapid.data.image.Size;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.ShardPlan;
import io.elapid.data.shard.Manifest;
import io.elapid.engine.Trainer;
import io.elapid.job.ExportFormat;
import io.elapid.job.ExportJob;
import io.elapid.job.SavedModel;
import io.elapid.predict.Prediction;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects, from shards to results, on a real rank: a few pictures learnt by heart. */
final class DetectionRunTest {
  private static final int STEPS = 90;
  private static final int PICTURES = 2;
  private static final String RECIPE =
      SmallRecipes.OF_OBJECTS
          + """
          task { type = object-detection, frames = 3, neck.channels = 64 }
          schedule { steps = 90, milestones = [72] }
          evaluation.metric = ap50
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

  private static Map<String, NamedTensor> learnt() throws Exception {
    return LoneRank.checkpoints(whole.checkpoints()).get(0).model();
  }

  @Test
  void objectsAreFoundAndTheCheckpointKeepsTheResult() throws Exception {
    SplitScore score = merged(List.of(whole.score()));
    assertThat(score.samples()).isEqualTo(PICTURES);
    assertThat(score.measures())
        .containsOnlyKeys(
            "ap", "ap50", "ap75", "aps", "apm", "apl", "ar1", "ar10", "ar100", "ars", "arm", "arl");
    assertThat(score.measures().get("ap50")).isGreaterThan(0.1);
    assertThat(LoneRank.checkpoints(whole.checkpoints()).get(0).meta().metrics())
        .isEqualTo(score.measures());
    assertThat(score.sections(List.of("first", "second"))).hasSize(1);
  }

  @Test
  void theLossHasFallen() throws Exception {
    try (LearningTask<DetectionBatch> task =
            new FramedTask<>(
                CONF,
                recipe(),
                SmallData.OBJECT_CLASSES,
                new ObjectForm(recipe(), SmallData.OBJECT_CLASSES));
        BatchLoader<DetectionBatch> batches = task.training(ShardPlan.of(1, 0, 1, 2), 0)) {
      DetectionBatch batch = batches.next();
      assertThat(loss(task, learnt(), batch)).isLessThan(0.5 * loss(task, Map.of(), batch));
    }
  }

  private static double loss(
      LearningTask<DetectionBatch> task, Map<String, NamedTensor> weights, DetectionBatch batch) {
    try (Trainer<DetectionBatch> trainer = new Trainer<>(task.trainer())) {
      if (!weights.isEmpty()) {
        trainer.load(weights);
      }
      return trainer.apply(trainer.computeShard(batch), 1, 1e-6).loss();
    }
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
  void sharesOfAnEvaluationAddUpWhateverTheirNumber() throws Exception {
    SplitScore one = merged(LoneRank.evaluated(whole, recipe(), "train", 1));
    SplitScore three = merged(LoneRank.evaluated(whole, recipe(), "train", 3));
    assertThat(three.encode()).isEqualTo(one.encode());
    assertThat(three.measures()).isEqualTo(one.measures());
    // folded batch norms round otherwise
    assertThat(one.measures().get("ap50"))
        .isCloseTo(merged(List.of(whole.score())).measures().get("ap50"), within(0.05));
  }

  @Test
  void anotherHeadLearnsThemToo() throws Exception {
    Recipe ssdLite =
        recipe(
            "task.head={type=ssdlite,channels=32}",
            "model.image-size=128",
            "data.train-transforms=[{type=square-resize}]",
            "data.eval-transforms=[{type=square-resize}]",
            "schedule.steps=100",
            "schedule.milestones=[80]",
            "checkpoint.every-steps=0");
    LoneRank.Run run = new LoneRank(folder).train("ssdlite", ssdLite);
    double reached = merged(List.of(run.score())).measures().get("ap50");
    assertThat(reached).isGreaterThan(0.1);
    double deployed = merged(LoneRank.evaluated(run, ssdLite, "train", 1)).measures().get("ap50");
    assertThat(deployed).isCloseTo(reached, within(0.05));
  }

  @Test
  void picturesAreTurnedAsTheirExifBlockSays() throws Exception {
    Image scene = ImageCodec.decode(Files.readAllBytes(SmallData.scene(folder)));
    Image stored = new Image(64, 48, Arrays.copyOf(scene.rgb(), 64 * 48 * Image.CHANNELS));
    byte[] turned;
    try (JpegEncoder encoder = new JpegEncoder()) {
      turned = withOrientation(encoder.encode(stored, 1), Orientation.TURNED_LEFT);
    }
    byte[] upright = png(Orientation.TURNED_LEFT.upright(ImageCodec.decode(turned)));
    List<PictureAnswer> found =
        LoneRank.prediction(whole, recipe())
            .run(
                List.of(
                        new PredictTask.BytesSource("one", turned),
                        new PredictTask.BytesSource("one", upright))
                    .iterator());
    Image drawn = ImageCodec.decode(found.get(0).painted());
    assertThat(new Size(drawn.width(), drawn.height())).isEqualTo(new Size(48, 64));
    assertThat(found.get(0).candidates()).isNotEmpty().isEqualTo(found.get(1).candidates());
    assertThat(found.get(0).painted()).isEqualTo(found.get(1).painted());
  }

  /** A JPEG file with an EXIF block behind its first marker. */
  private static byte[] withOrientation(byte[] jpeg, Orientation orientation) {
    byte[] block = {
      (byte) 0xFF,
      (byte) 0xE1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0,
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      18,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation.exif(),
      0,
      0,
      0,
      0,
      0,
      0
    };
    byte[] all = new byte[jpeg.length + block.length];
    System.arraycopy(jpeg, 0, all, 0, 2);
    System.arraycopy(block, 0, all, 2, block.length);
    System.arraycopy(jpeg, 2, all, 2 + block.length, jpeg.length - 2);
    return all;
  }

  private static byte[] png(Image image) throws IOException {
    BufferedImage pixels =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = image.rgb();
    for (int i = 0; i < image.width() * image.height(); i++) {
      int color =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      pixels.setRGB(i % image.width(), i / image.width(), color);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(pixels, "png", out);
    return out.toByteArray();
  }

  @Test
  void theNetworkIsWrittenForOtherRuntimes() throws Exception {
    SavedModel model = ExportedFolder.model(whole);
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    ExportJob job = new ExportJob(CONF, new PrintStream(told, true, StandardCharsets.UTF_8));
    Path file = folder.resolve("retinanet.onnx");
    job.run(model, ExportedFolder.request(file, Set.of(ExportFormat.ONNX)));
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
        .contains("scores.0", "boxes.4", "object-detection");
    assertThat(told.toString(StandardCharsets.UTF_8)).contains("export: ONNX opset 17");
  }

  @Test
  void aFolderOfTheNetworkFindsTheSame() throws Exception {
    ExportedFolder exported =
        ExportedFolder.of(whole, folder.resolve("model"), Set.of(ExportFormat.MODEL));
    JsonNode config = exported.config();
    assertThat(config.path("task").asText()).isEqualTo("object-detection");
    assertThat(config.path("labels").size()).isEqualTo(SmallData.OBJECT_CLASSES);
    assertThat(config.path("preprocessing").path("steps").get(1).asText())
        .startsWith("resize until the short side is 64 or the long side 64");
    assertThat(config.path("preprocessing").path("padding").asText()).endsWith("multiples of 64");
    assertThat(config.has("onnx")).isFalse();
    assertThat(exported.card())
        .contains("finds objects of 2 classes", "| ap50 |", "--out drawn/", ").objects()")
        .contains("turn upright as the EXIF block says");
    byte[] scene = Files.readAllBytes(SmallData.scene(folder));
    Image narrow = new Image(64, 40, Arrays.copyOf(ImageCodec.decode(scene).rgb(), 64 * 40 * 3));
    Prediction found =
        exported
            .sayingWhatPredictSays(
                LoneRank.prediction(whole, recipe()), List.of(scene, PngEncoder.encode(narrow)))
            .get(0);
    assertThat(found.objects().get(0).score()).isGreaterThan(0.3);
  }

  @Test
  void whatIsFoundIsDrawn() throws Exception {
    PredictTask task = LoneRank.prediction(whole, recipe());
    byte[] picture = Files.readAllBytes(SmallData.scene(folder));
    List<PictureAnswer> found =
        task.run(
            List.of(
                    new PredictTask.BytesSource("one", picture),
                    new PredictTask.BytesSource("broken", Arrays.copyOf(picture, 40)))
                .iterator());
    PictureAnswer one = found.get(0);
    assertThat(one.candidates()).isNotEmpty().hasSizeLessThanOrEqualTo(3);
    assertThat(one.candidates().get(0).probability()).isBetween(0.3, 1.0);
    Image drawn = ImageCodec.decode(one.painted());
    Image plain = ImageCodec.decode(picture);
    assertThat(drawn.width()).isEqualTo(plain.width());
    assertThat(changed(drawn, plain)).isGreaterThan(100);
    assertThat(found.get(1).problem()).isNotBlank();
  }

  /** Values that differ by more than a second compression changes. */
  private static int changed(Image one, Image other) {
    int count = 0;
    for (int i = 0; i < one.rgb().length; i++) {
      if (Math.abs((one.rgb()[i] & 0xFF) - (other.rgb()[i] & 0xFF)) > 100) {
        count++;
      }
    }
    return count;
  }

  @Test
  void dataOfAnotherKindIsRefusedBeforeAnythingStarts() throws Exception {
    Manifest pixels = Manifest.read(CONF, SmallData.ofPixels(folder));
    assertThatThrownBy(() -> TrainingSetup.check(recipe(), pixels))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "task.type: object-detection learns from a data set annotated for detection")
        .hasMessageContaining("is annotated for segmentation");
    TrainingSetup.check(recipe(), Manifest.read(CONF, data));
  }

  /** Of several scales the one that the network does not take would come up in mid-run. */
  @Test
  void sizesThatTheNetworkDoesNotTakeAreRefusedBeforeAnythingStarts() throws Exception {
    String uneven =
        "-transforms=[{type=keep-ratio-resize,long-side=100,short-sides=[64,80]},{type=pad,divisor=16}]";
    for (String transforms : List.of("data.train", "data.eval")) {
      assertThatThrownBy(() -> sizes("model.name=tinyvim_s", transforms + uneven))
          .isInstanceOf(InputException.class)
          .hasMessage(
              transforms
                  + "-transforms: they make pictures of 80 x 80, and tinyvim_s takes sides that are"
                  + " multiples of 32")
          .extracting(failure -> ((InputException) failure).remedy())
          .asString()
          .startsWith("end " + transforms + "-transforms with { type = pad, divisor = 32 }");
      sizes(transforms + uneven);
    }
    sizes("model.name=tinyvim_s");
  }

  private static void sizes(String... overrides) throws Exception {
    PictureSizes.check(CONF, recipe(overrides), SmallData.OBJECT_CLASSES);
  }

  @Test
  void recipesSayWhichMeasuresADetectorHas() {
    assertThat(recipe("evaluation.metric=usual").metric()).isEqualTo(Recipe.Metric.AP);
    assertThatThrownBy(() -> recipe("evaluation.metric=miou"))
        .hasMessageContaining("task.type = object-detection is measured by ap, ap50, ap75");
  }
}
