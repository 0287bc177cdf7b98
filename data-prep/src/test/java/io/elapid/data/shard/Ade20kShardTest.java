package io.elapid.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import io.elapid.data.Samples;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.target.LabelMapTarget;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Ade20kShardTest {
  private static final Path ROOT = Path.of("src/test/resources/ade20k");
  private static final Path DATA = ROOT.resolve("ADEChallengeData2016");

  @TempDir Path temp;

  @Test
  void labelsAreTheNumbersOfThePngWhateverItsPalette() throws Exception {
    JsonNode expected = new ObjectMapper().readTree(ROOT.resolve("expected.json").toFile());
    for (String split : List.of("train", "val")) {
      Path file = temp.resolve(split + "/part");
      ShardSummary summary = Listings.shard(file, open(ROOT), split);
      assertThat(summary.quarantined()).isEmpty();
      long[] histogram = new long[256];
      for (Sample sample : Listings.read(file)) {
        LabelMapTarget target = (LabelMapTarget) sample.target();
        LabelMap map = ImageCodec.decodeLabels(target.png());
        assertThat(map.width()).isEqualTo(sample.width());
        assertThat(map.height()).isEqualTo(sample.height());
        for (int value = 0; value < 256; value++) {
          histogram[value] += map.histogram()[value];
        }
      }
      JsonNode told =
          expected.get("histogram").get(split.equals("train") ? "training" : "validation");
      for (int value = 0; value < 256; value++) {
        assertThat(histogram[value]).as("label " + value).isEqualTo(told.path(value).asLong());
      }
    }
  }

  @Test
  void keepsBothFilesTheSceneAndTheNames() throws Exception {
    Path file = temp.resolve("train/part");
    DataSource source = open(DATA);
    assertThat(Listings.shard(file, source, "train").rows()).isEqualTo(40);
    assertThat(source.classes()).hasSize(150);
    assertThat(source.classes().get(2).name()).isEqualTo("sky");
    assertThat(source.classes().get(149).id()).isEqualTo("150");
    Sample first = Listings.read(file).get(0);
    LabelMapTarget target = (LabelMapTarget) first.target();
    assertThat(first.id()).isEqualTo("train/ADE_train_00000001");
    assertThat(target.scene()).isEqualTo("room");
    assertThat(first.image())
        .isEqualTo(Files.readAllBytes(DATA.resolve("images/training/ADE_train_00000001.jpg")));
    assertThat(target.png())
        .isEqualTo(Files.readAllBytes(DATA.resolve("annotations/training/ADE_train_00000001.png")));
  }

  @Test
  void reportsLabelsWithoutAnyClass() throws Exception {
    ShardSummary summary = Listings.shard(temp.resolve("train/part"), open(DATA), "train");
    assertThat(summary.remarks())
        .singleElement()
        .satisfies(remark -> assertThat(remark.id()).isEqualTo("train/ADE_train_00000010"))
        .satisfies(remark -> assertThat(remark.reason()).contains("has a class"));
  }

  @Test
  void setsPairsAsideThatAreNotPairs() throws Exception {
    Path root = temp.resolve("odd");
    Samples.copy(DATA, root);
    Path labels = root.resolve("annotations/validation");
    Files.delete(labels.resolve("ADE_val_00000001.png"));
    Files.delete(root.resolve("images/validation/ADE_val_00000002.jpg"));
    BufferedImage small = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    ImageIO.write(small, "png", labels.resolve("ADE_val_00000003.png").toFile());
    LabelMap fourth =
        ImageCodec.decodeLabels(Files.readAllBytes(labels.resolve("ADE_val_00000004.png")));
    BufferedImage wrong =
        new BufferedImage(fourth.width(), fourth.height(), BufferedImage.TYPE_BYTE_GRAY);
    wrong.getRaster().setSample(1, 1, 0, 151);
    ImageIO.write(wrong, "png", labels.resolve("ADE_val_00000004.png").toFile());
    BufferedImage colours =
        new BufferedImage(fourth.width(), fourth.height(), BufferedImage.TYPE_3BYTE_BGR);
    ImageIO.write(colours, "png", labels.resolve("ADE_val_00000005.png").toFile());

    ShardSummary summary = Listings.shard(temp.resolve("val/part"), open(root), "val");
    assertThat(summary.rows()).isEqualTo(5);
    assertThat(summary.quarantined())
        .extracting(SampleIssue::reason)
        .satisfiesExactly(
            r -> assertThat(r).contains("there is no file").contains("ADE_val_00000001.png"),
            r -> assertThat(r).contains("there is no file").contains("ADE_val_00000002.jpg"),
            r -> assertThat(r).contains("has 3 x 2 pixels, its picture"),
            r -> assertThat(r).contains("has the label 151, there are 150 classes"),
            r -> assertThat(r).contains("a label picture needs one channel"));
  }

  @Test
  void doesWithoutTheTexts() throws Exception {
    Path root = temp.resolve("bare");
    Samples.copy(DATA, root);
    Files.delete(root.resolve("objectInfo150.txt"));
    Files.delete(root.resolve("sceneCategories.txt"));
    assertThat(open(root).classes()).hasSize(150);
    assertThat(open(root).classes().get(0).name()).isEqualTo("1");
    assertThat(Listings.shard(temp.resolve("val/part"), open(root), "val").rows()).isEqualTo(10);
  }

  @Test
  void refusesWhatIsNoAde20k() throws Exception {
    assertRefused(temp.resolve("none"), "there is nothing at");
    assertRefused(temp, "no ADE20K in");
    Path root = temp.resolve("bad");
    Samples.copy(DATA, root);
    Files.writeString(root.resolve("objectInfo150.txt"), "Idx\tName\n1\twall\n");
    assertRefused(root, "line 2: expected class 1");
    Files.delete(root.resolve("objectInfo150.txt"));
    Files.move(root.resolve("annotations/validation"), root.resolve("annotations/v"));
    assertRefused(root, "annotations/validation is missing");
  }

  private static void assertRefused(Path root, String message) {
    assertThatThrownBy(() -> open(root))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  private static DataSource open(Path root) throws IOException {
    return Ade20kSource.open(new Configuration(), Samples.hadoop(root));
  }
}
