package io.elapid.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.shard.Manifest;
import io.elapid.data.target.Mask;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generated pictures of several shapes. */
class SceneSourceTest {
  private static final Configuration CONF = new Configuration();
  private static final SceneSpec SPEC = new SceneSpec(20, 10, 8, 128, 5);

  @TempDir static Path temp;

  @BeforeAll
  static void generate() throws IOException {
    for (SceneForm form : SceneForm.values()) {
      ShapesSource.generate(
          CONF, Samples.hadoop(temp.resolve(form.name())), SPEC, form, Progress.NONE);
    }
  }

  private static CocoTruth truth(String split) throws IOException {
    Path file = temp.resolve("COCO/annotations/instances_" + split + "2017.json");
    return CocoTruth.read(CONF, Samples.hadoop(file));
  }

  @Test
  void bothFormsGoThroughTheOrdinaryPreparation() throws IOException {
    CocoSource coco = CocoSource.open(CONF, Samples.hadoop(temp.resolve("COCO")));
    Manifest boxes = Prepared.of(coco, temp.resolve("coco-shards"), 2, 8);
    assertThat(coco.classes()).extracting(ClassLabel::name).isEqualTo(SPEC.names());
    Ade20kSource ade20k = Ade20kSource.open(CONF, Samples.hadoop(temp.resolve("ADE20K")));
    Manifest labels = Prepared.of(ade20k, temp.resolve("ade20k-shards"), 2, 8);
    assertThat(ade20k.classes()).hasSize(9).last().extracting(ClassLabel::name).isEqualTo("ground");
    for (Manifest manifest : List.of(boxes, labels)) {
      assertThat(manifest.rows("train")).isEqualTo(20);
      assertThat(manifest.rows("val")).isEqualTo(10);
    }
  }

  /** Every pixel of a shape is in exactly one mask, and the label map says the same. */
  @Test
  void masksAreTheVisiblePartsThatTheLabelMapShows() throws Exception {
    CocoTruth truth = truth("train");
    int ignored = 0;
    for (Map.Entry<Long, CocoTruth.Picture> picture : truth.pictures().entrySet()) {
      String name = "ADE20K/annotations/training/ADE_train_%08d.png".formatted(picture.getKey());
      LabelMap labels = ImageCodec.decodeLabels(Files.readAllBytes(temp.resolve(name)));
      byte[] drawn = new byte[128 * 128];
      for (ObjectAnnotation object : picture.getValue().target().annotations()) {
        Mask mask = MaskRaster.mask(object.segmentation(), 128, 128);
        assertThat((double) mask.area()).isEqualTo(object.area()).isPositive();
        assertThat(object.id()).isPositive();
        for (int i = 0; i < drawn.length; i++) {
          if (mask.values()[i] != 0) {
            assertThat(drawn[i]).as("masks do not overlap").isZero();
            drawn[i] = (byte) (object.label() + 1);
          }
        }
      }
      for (int i = 0; i < drawn.length; i++) {
        int value = labels.values()[i];
        ignored += value == 0 ? 1 : 0;
        assertThat(value == 0 || value == 9 ? 0 : value).isEqualTo(drawn[i]);
      }
    }
    assertThat(ignored).isPositive();
    assertThat(truth.problems()).isEmpty();
  }

  @Test
  void shapesAreOfAllClassesAndSizesAndHidePartsOfEachOther() {
    int[] classes = new int[4];
    int[] sizes = new int[3];
    int crowds = 0;
    int touching = 0;
    SceneSpec large = new SceneSpec(1, 1, 4, 288, 3);
    for (int i = 0; i < 30; i++) {
      Scene scene = ScenePainter.paint(large, i);
      for (int k = 0; k < scene.things().size(); k++) {
        Scene.Thing thing = scene.things().get(k);
        long area = scene.visible(k).area();
        crowds += thing.extent() == Extent.CROWD ? 1 : 0;
        classes[thing.label()]++;
        sizes[area <= 32 * 32 ? 0 : area <= 96 * 96 ? 1 : 2]++;
      }
      int[] owners = scene.owners();
      boolean touches = false;
      for (int p = 1; p < owners.length; p++) {
        touches |= owners[p] >= 0 && owners[p - 1] >= 0 && owners[p] != owners[p - 1];
      }
      touching += touches ? 1 : 0;
    }
    assertThat(Arrays.stream(classes).min().orElseThrow()).isGreaterThan(10);
    assertThat(sizes[0]).isGreaterThan(5);
    assertThat(sizes[1]).isGreaterThan(30);
    assertThat(sizes[2]).isGreaterThan(5);
    assertThat(crowds).isBetween(1, 20);
    assertThat(touching).isGreaterThan(10);
  }

  /** If colours gave classes away, finding them would prove nothing. */
  @Test
  void coloursSayNothingAboutTheClass() {
    double[][] sums = new double[4][3];
    double[] counts = new double[4];
    SceneSpec spec = new SceneSpec(1, 1, 4, 64, 1);
    for (int i = 0; i < 200; i++) {
      Scene scene = ScenePainter.paint(spec, i);
      for (int k = 0; k < scene.things().size(); k++) {
        Mask mask = scene.visible(k);
        int label = scene.things().get(k).label();
        counts[label]++;
        for (int p = 0; p < mask.values().length; p++) {
          for (int c = 0; c < 3 && mask.values()[p] != 0; c++) {
            sums[label][c] += (scene.image().rgb()[3 * p + c] & 0xFF) / (double) mask.area();
          }
        }
      }
    }
    for (int label = 0; label < 4; label++) {
      for (int c = 0; c < 3; c++) {
        // a mean of about 150 colours between 20 and 235 is within 20 of the middle
        assertThat(sums[label][c] / counts[label]).isBetween(105.0, 150.0);
      }
    }
  }

  @Test
  void sameSeedSameBytesWithAnyNumberOfThreads() throws IOException {
    SceneSpec small = new SceneSpec(6, 3, 4, 64, 9);
    for (SceneForm form : SceneForm.values()) {
      for (int threads : new int[] {1, 3}) {
        Path out = temp.resolve(form + "-" + threads);
        ShapesSource.generate(CONF, Samples.hadoop(out), small, form, Progress.NONE, threads);
      }
      Map<String, byte[]> one = contents(temp.resolve(form + "-1"));
      Map<String, byte[]> three = contents(temp.resolve(form + "-3"));
      assertThat(three.keySet()).isEqualTo(one.keySet()).hasSizeGreaterThan(9);
      one.forEach((name, bytes) -> assertThat(three.get(name)).as(name).isEqualTo(bytes));
    }
    Map<String, byte[]> coco = contents(temp.resolve("COCO-1"));
    Map<String, byte[]> ade20k = contents(temp.resolve("ADE20K-1"));
    assertThat(coco.get("val2017/000000000002.jpg"))
        .isEqualTo(ade20k.get("images/validation/ADE_val_00000002.jpg"));
  }

  private static Map<String, byte[]> contents(Path folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }
}
