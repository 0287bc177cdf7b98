package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.KeepRatioResize;
import io.elapid.data.augment.MinIouCrop;
import io.elapid.data.augment.MultipleResize;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.Pad;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.RandomCrop;
import io.elapid.data.augment.RatioRangeResize;
import io.elapid.data.augment.ReduceZeroLabel;
import io.elapid.data.augment.Transform;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.OpenCvResize;
import io.elapid.data.image.Size;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.target.Box;
import io.elapid.data.target.Instance;
import io.elapid.data.target.Instances;
import io.elapid.data.target.ObjectAnnotation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Batches of pictures with objects, and of pictures with label maps. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TargetLoaderTest {
  private static final Configuration CONF = new Configuration();
  private static final Path COCO = Path.of("src/test/resources/coco");
  private static final Path ADE20K = Path.of("src/test/resources/ade20k");

  @TempDir static Path temp;

  @BeforeAll
  static void prepare() throws IOException {
    Prepared.of(CocoSource.open(CONF, Samples.hadoop(COCO)), temp.resolve("coco"), 2, 6);
    Prepared.of(Ade20kSource.open(CONF, Samples.hadoop(ADE20K)), temp.resolve("ade20k"), 2, 6);
  }

  private static org.apache.hadoop.fs.Path set(String name) {
    return Samples.hadoop(temp.resolve(name));
  }

  @Test
  void trainsOnThePicturesThatPublishedDetectorsTrainOnInBatchesOfOneAspect() throws Exception {
    JsonNode told =
        new ObjectMapper().readTree(COCO.resolve("expected.json").toFile()).get("train");
    Set<Long> expected = new TreeSet<>();
    told.get("train_filter_image_ids").forEach(id -> expected.add(id.asLong()));
    Set<Long> shown = new TreeSet<>();
    Set<Size> frames = new HashSet<>();
    int wanted = 0;
    int ignored = 0;
    int mixed = 0;
    int steps = expected.size() / 2;
    try (BatchLoader<DetectionBatch> loader = objects(resized(), 1, 0)) {
      assertThat(loader.stepsPerEpoch()).isEqualTo(steps);
      for (int i = 0; i < steps; i++) {
        DetectionBatch batch = loader.next();
        assertThat(batch.samples()).hasSize(2);
        Set<Boolean> wide = new HashSet<>();
        for (DetectionBatch.DetectionSample sample : batch.samples()) {
          assertThat(shown.add(sample.stored().imageId())).isTrue();
          Size original = sample.geometry().original();
          wide.add(original.width() >= original.height());
          for (Instance instance : sample.instances().list()) {
            wanted += instance.role() == Instance.Role.WANTED ? 1 : 0;
            ignored += instance.role() == Instance.Role.IGNORED ? 1 : 0;
          }
        }
        mixed += wide.size() - 1;
        frames.add(batch.frame());
        assertPadded(batch);
        loader.recycle(batch);
      }
    }
    assertThat(shown).isEqualTo(expected);
    assertThat(mixed).as("only what is left over at the end").isLessThanOrEqualTo(1);
    assertThat(frames).hasSizeBetween(2, 5);
    int crowds = told.get("crowd_boxes").asInt();
    assertThat(wanted + ignored).isEqualTo(told.get("valid_boxes").asInt() + crowds);
    assertThat(ignored).isGreaterThanOrEqualTo(crowds);
  }

  private static void assertPadded(DetectionBatch batch) {
    Size frame = batch.frame();
    assertThat(frame.roundedUp(32)).isEqualTo(frame);
    FloatBuffer images = batch.images().asFloatBuffer();
    assertThat(images.capacity()).isEqualTo(batch.capacity() * 3 * (int) frame.area());
    for (int row = 0; row < batch.samples().size(); row++) {
      Size content = batch.samples().get(row).content();
      Size padded = batch.samples().get(row).geometry().padded();
      assertThat(padded).isEqualTo(content.roundedUp(32));
      assertThat(frame.holds(padded)).isTrue();
      int filled = 0;
      for (int y = 0; y < frame.height(); y++) {
        for (int x = 0; x < frame.width(); x++) {
          boolean outside = x >= content.width() || y >= content.height();
          int at = (row * 3 * frame.height() + y) * frame.width() + x;
          filled += outside && images.get(at) != 0 ? 1 : 0;
        }
      }
      assertThat(filled).isZero();
    }
  }

  @Test
  void evaluatesEveryPictureOnceAndCanTakeBoxesBackToIt() throws Exception {
    for (int ranks = 1; ranks <= 3; ranks++) {
      List<Long> shown = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        EvaluationShare share = new EvaluationShare(rank, ranks, 3);
        try (BatchLoader<DetectionBatch> loader =
            objectLoader(resized(), 2, 0).evaluation(CONF, set("coco"), "val", share)) {
          for (DetectionBatch batch = loader.next(); batch != null; batch = loader.next()) {
            assertPadded(batch);
            for (int row = 0; row < batch.samples().size(); row++) {
              shown.add(batch.samples().get(row).stored().imageId());
              assertShowsTheResizedPicture(batch, row);
              assertBoxesGoBack(batch.samples().get(row));
            }
            assertThat(restIsZero(batch)).isTrue();
            loader.recycle(batch);
          }
        }
      }
      assertThat(shown).hasSize(10).doesNotHaveDuplicates();
    }
  }

  private static boolean restIsZero(DetectionBatch batch) {
    FloatBuffer images = batch.images().asFloatBuffer();
    int from = images.capacity() / batch.capacity() * batch.samples().size();
    for (int i = from; i < images.capacity(); i++) {
      if (images.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Decoded, turned, resized and normalised by other means. */
  private static void assertShowsTheResizedPicture(DetectionBatch batch, int row) throws Exception {
    DetectionBatch.DetectionSample sample = batch.samples().get(row);
    byte[] file =
        Files.readAllBytes(COCO.resolve("val2017/%012d.jpg".formatted(sample.stored().imageId())));
    Image image = sample.stored().orientation().upright(ImageCodec.decode(file));
    assertThat(Size.of(image)).isEqualTo(sample.geometry().original());
    double scale =
        Math.min(
            120.0 / Math.max(image.width(), image.height()),
            72.0 / Math.min(image.width(), image.height()));
    Image resized =
        OpenCvResize.linear(
            image, (int) (image.width() * scale + 0.5), (int) (image.height() * scale + 0.5));
    assertThat(sample.content()).isEqualTo(Size.of(resized));
    double[] mean = {123.675, 116.28, 103.53};
    double[] std = {58.395, 57.12, 57.375};
    FloatBuffer images = batch.images().asFloatBuffer();
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < resized.height(); y += 3) {
        for (int x = 0; x < resized.width(); x++) {
          int at = ((row * 3 + c) * batch.frame().height() + y) * batch.frame().width() + x;
          assertThat((double) images.get(at))
              .isCloseTo((resized.value(x, y, c) - mean[c]) / std[c], within(1e-5));
        }
      }
    }
  }

  private static void assertBoxesGoBack(DetectionBatch.DetectionSample sample) {
    double x = sample.geometry().scaleX();
    double y = sample.geometry().scaleY();
    for (Instance instance : sample.instances().list()) {
      ObjectAnnotation annotation = instance.annotation();
      assertThat(sample.stored().annotations()).contains(annotation);
      Box box = instance.box();
      double right =
          Math.min(sample.geometry().original().width(), annotation.x() + annotation.width());
      assertThat(box.left() / x).isCloseTo(Math.max(0, annotation.x()), within(1e-3));
      assertThat(box.top() / y).isCloseTo(Math.max(0, annotation.y()), within(1e-3));
      assertThat(box.right() / x).isCloseTo(right, within(1e-3));
    }
  }

  @Test
  void memoryGoesRoundWhateverTheFrame() throws Exception {
    Set<Integer> buffers = new HashSet<>();
    Set<Size> frames = new HashSet<>();
    try (BatchLoader<DetectionBatch> loader = objects(resized(), 2, 0)) {
      for (int i = 0; i < 60; i++) {
        DetectionBatch batch = loader.next();
        buffers.add(System.identityHashCode(batch.images()));
        frames.add(batch.frame());
        loader.recycle(batch);
      }
    }
    assertThat(buffers).hasSizeLessThanOrEqualTo(4);
    assertThat(frames).hasSizeGreaterThan(1);
  }

  @Test
  void damagedPicturesAreReplacedInTrainingAndLeftOutInEvaluation() throws Exception {
    Path copy = temp.resolve("damaged-pictures");
    Samples.copy(COCO, copy);
    Path file = copy.resolve("train2017/000000002134.jpg");
    byte[] bytes = Files.readAllBytes(file);
    byte[] cut = Arrays.copyOf(bytes, bytes.length * 2 / 3);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    Files.write(file, cut);
    Prepared.of(CocoSource.open(CONF, Samples.hadoop(copy)), temp.resolve("damaged"), 2, 6);
    try (BatchLoader<DetectionBatch> loader =
        objectLoader(resized(), 2, 1)
            .training(CONF, set("damaged"), "train", new ShardPlan(1, 0, 1, 2), 0)) {
      List<Long> seeds = new ArrayList<>();
      for (int i = 0; i < 19; i++) {
        DetectionBatch batch = loader.next();
        assertThat(batch.samples()).hasSize(2);
        batch.samples().forEach(sample -> seeds.add(sample.seed()));
        assertThat(batch.samples()).noneMatch(sample -> sample.stored().imageId() == 2134);
        loader.recycle(batch);
      }
      assertThat(seeds).doesNotHaveDuplicates();
      assertThat(loader.skipped()).isEqualTo(1);
    }
    EvaluationShare share = new EvaluationShare(0, 1, 7);
    int shown = 0;
    try (BatchLoader<DetectionBatch> loader =
        objectLoader(resized(), 2, 1).evaluation(CONF, set("damaged"), "train", share)) {
      for (DetectionBatch batch = loader.next(); batch != null; batch = loader.next()) {
        shown += batch.samples().size();
        assertThat(restIsZero(batch)).isTrue();
        loader.recycle(batch);
      }
    }
    assertThat(shown).isEqualTo(39);
    try (BatchLoader<DetectionBatch> loader =
        objectLoader(resized(), 2, 0).evaluation(CONF, set("damaged"), "train", share)) {
      assertThatThrownBy(
              () -> {
                while (loader.next() != null) {}
              })
          .isInstanceOf(InputException.class)
          .hasMessageContaining("more than 0 unreadable samples")
          .hasMessageContaining("2134");
    }
  }

  @Test
  void refusesDataSetsAndTransformsThatDoNotFit() {
    List<Transform> crop = List.of(new ReduceZeroLabel(), new RandomCrop(64, 0.75));
    assertThatThrownBy(() -> objects(crop, 1, 0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("reduce-zero-label, random-crop cannot be applied to the pictures of")
        .hasMessageContaining("which is annotated for detection");
    assertThatThrownBy(() -> pixels(List.of(new MinIouCrop(List.of(0.5), 0.3)), 150))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("min-iou-crop cannot be applied");
    assertThatThrownBy(() -> pixels(crop, 149))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has 150 classes, the model 149");
    assertThatThrownBy(
            () ->
                objectLoader(resized(), 1, 0)
                    .training(CONF, set("ade20k"), "train", new ShardPlan(1, 0, 1, 2), 0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is annotated for segmentation, not with the objects");
  }

  @Test
  void labelsFollowThePixelsAndAreIgnoredWhereThereAreNone() throws Exception {
    List<Transform> transforms =
        List.of(
            new ReduceZeroLabel(),
            new RatioRangeResize(160, 80, 0.5, 1),
            new RandomCrop(64, 0.75),
            new HorizontalFlip(0.5),
            Pad.toSquare(64));
    int ignored = 0;
    int filled = 0;
    Set<Integer> labels = new TreeSet<>();
    try (BatchLoader<SegmentationBatch> loader = pixels(transforms, 150)) {
      for (int i = 0; i < 20; i++) {
        SegmentationBatch batch = loader.next();
        assertThat(batch.frame()).isEqualTo(new Size(64, 64));
        ByteBuffer map = batch.labels();
        FloatBuffer images = batch.images().asFloatBuffer();
        assertThat(map.remaining()).isEqualTo(2 * 64 * 64);
        for (int row = 0; row < 2; row++) {
          Size content = batch.samples().get(row).content();
          for (int p = 0; p < 64 * 64; p++) {
            int label = map.get(row * 64 * 64 + p) & 0xFF;
            boolean inside = p % 64 < content.width() && p / 64 < content.height();
            float red = images.get(row * 3 * 64 * 64 + p);
            filled += inside || (label == LabelMap.IGNORED && red == 0) ? 0 : 1;
            ignored += inside ? 0 : 1;
            labels.add(label);
          }
        }
        loader.recycle(batch);
      }
    }
    assertThat(ignored).isPositive();
    assertThat(filled).isZero();
    assertThat(labels).containsExactly(0, 2, 3, 19, 66, 149, LabelMap.IGNORED);
  }

  @Test
  void evaluationMeasuresAgainstTheStoredLabels() throws Exception {
    JsonNode told = new ObjectMapper().readTree(ADE20K.resolve("expected.json").toFile());
    long[] expected = new long[256];
    JsonNode histogram = told.get("histogram").get("validation");
    for (int label = 0; label < histogram.size(); label++) {
      expected[label == 0 ? LabelMap.IGNORED : label - 1] = histogram.get(label).asLong();
    }
    Pipeline pipeline =
        new Pipeline(
            List.of(
                new ReduceZeroLabel(),
                new KeepRatioResize(160, List.of(80)),
                new MultipleResize(32)));
    long[] seen = new long[256];
    for (int rank = 0; rank < 2; rank++) {
      try (BatchLoader<SegmentationBatch> loader =
          labelLoader(pipeline, 150)
              .evaluation(CONF, set("ade20k"), "val", new EvaluationShare(rank, 2, 1))) {
        for (SegmentationBatch batch = loader.next(); batch != null; batch = loader.next()) {
          SegmentationBatch.SegmentationSample sample = batch.samples().get(0);
          assertThat(new Size(sample.stored().width(), sample.stored().height()))
              .isEqualTo(sample.geometry().original());
          assertThat(sample.content()).isEqualTo(sample.content().roundedUp(32));
          long[] counts = sample.stored().histogram();
          for (int label = 0; label < seen.length; label++) {
            seen[label] += counts[label];
          }
          loader.recycle(batch);
        }
      }
    }
    assertThat(seen).isEqualTo(expected);
  }

  @Test
  void aLabelBeyondTheClassesSaysWhatIsMissing() throws Exception {
    try (BatchLoader<SegmentationBatch> loader = pixels(List.of(new RandomCrop(64, 1)), 150)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 20; i++) {
                  loader.next();
                }
              })
          .isInstanceOf(InputException.class)
          .hasMessageContaining("has the label 150, the model 150 classes")
          .satisfies(e -> assertThat(((InputException) e).remedy()).contains("reduce-zero-label"));
    }
  }

  @Test
  void picturesOfNoDataSetArePaddedAsIfThereWereNoOthers() throws Exception {
    FramedSettings settings =
        new FramedSettings(
            new Pipeline(resized()),
            Normalization.imageNet(),
            Grouping.NONE,
            1,
            5,
            3,
            new Background(1, 1, Duration.ofSeconds(30), 0));
    FramedPictures<DetectionBatch> objects = FramedPictures.ofObjects(settings);
    FramedPictures<SegmentationBatch> labels = FramedPictures.ofLabels(settings);
    List<Size> frames = new ArrayList<>();
    for (Size size :
        List.of(new Size(150, 100), new Size(64, 160), new Size(900, 1), new Size(150, 100))) {
      byte[] grey = new byte[3 * (int) size.area()];
      Arrays.fill(grey, (byte) 250);
      Image picture = new Image(size.width(), size.height(), grey);
      DetectionBatch batch = objects.batch("one", picture);
      assertThat(batch.frame()).isEqualTo(objects.frame(size));
      assertThat(batch.samples().get(0).geometry().original()).isEqualTo(size);
      assertThat(batch.samples().get(0).instances().list()).isEmpty();
      assertThat(batch.images().asFloatBuffer().get(0)).isPositive();
      assertPadded(batch);
      frames.add(batch.frame());
      SegmentationBatch same = labels.batch("one", picture);
      assertThat(same.images()).isEqualTo(batch.images());
      assertThat(same.labels().remaining()).isEqualTo((int) same.frame().area());
      assertThat(same.labels().get(0) & 0xFF).isEqualTo(LabelMap.IGNORED);
    }
    assertThat(frames)
        .containsExactly(
            new Size(128, 96), new Size(64, 128), new Size(128, 32), new Size(128, 96));
  }

  private static List<Transform> resized() {
    return List.of(new KeepRatioResize(120, List.of(72)), Pad.toMultiple(32));
  }

  private static BatchLoader<DetectionBatch> objects(
      List<Transform> transforms, int threads, int maxCorrupt) throws IOException {
    return objectLoader(transforms, threads, maxCorrupt)
        .training(CONF, set("coco"), "train", new ShardPlan(1, 0, 1, 2), 0);
  }

  private static FramedLoader<DetectionBatch> objectLoader(
      List<Transform> transforms, int threads, int maxCorrupt) {
    return FramedLoader.ofObjects(
        new FramedSettings(
            new Pipeline(transforms),
            Normalization.imageNet(),
            Grouping.ASPECT_RATIO,
            5,
            5,
            3,
            new Background(threads, 2, Duration.ofSeconds(30), maxCorrupt)),
        Instances.Parts.BOXES_AND_MASKS);
  }

  private static BatchLoader<SegmentationBatch> pixels(List<Transform> transforms, int classes)
      throws IOException {
    return labelLoader(new Pipeline(transforms), classes)
        .training(CONF, set("ade20k"), "train", new ShardPlan(1, 0, 1, 2), 0);
  }

  private static FramedLoader<SegmentationBatch> labelLoader(Pipeline pipeline, int classes) {
    return FramedLoader.ofLabels(
        new FramedSettings(
            pipeline,
            Normalization.imageNet(),
            Grouping.NONE,
            3,
            classes,
            3,
            new Background(2, 2, Duration.ofSeconds(30), 0)));
  }
}
