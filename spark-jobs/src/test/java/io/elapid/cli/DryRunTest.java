package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.checkpoint.WeightFile;
import io.elapid.it.NanoModel;
import io.elapid.worker.SmallData;
import io.elapid.worker.UntrainedNetwork;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dry run finds what would stop the command, says what would be done, and does nothing. */
final class DryRunTest {
  private static final int TRAIN = 8;
  private static final int VALIDATION = 4;

  @TempDir static Path folder;
  private static String weights;
  private static String data;

  @BeforeAll
  static void make() throws IOException {
    data = SmallData.prepare(folder, TRAIN, VALIDATION).toString();
    weights = weights("weights.safetensors", SmallData.CLASSES);
  }

  private static String weights(String name, int classes) throws IOException {
    String file = folder.resolve(name).toString();
    NanoModel.write(file, classes);
    return file;
  }

  @Test
  void evaluateComparesWeightsAndDataSet() throws IOException {
    Said said = Said.of("evaluate", "--weights", weights, "--data", data, "--dry-run");
    assertThat(said.text()).contains("would measure").contains("on 4 pictures of val");
    assertThat(said.exit()).isZero();

    String others = weights("others.safetensors", SmallData.CLASSES + 1);
    Said refused = Said.of("evaluate", "--weights", others, "--data", data, "--dry-run");
    assertThat(refused.exit()).isEqualTo(FailureReport.BAD_INPUT);
    assertThat(refused.text()).contains("has 4 classes");
    assertThat(
            Said.of("evaluate", "--weights", weights, "--data", data, "--split", "no", "--dry-run")
                .exit())
        .isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void predictCountsThePictures() {
    String raw = folder.resolve("raw/val").toString();
    Said said = Said.of("predict", "--weights", weights, raw, "--dry-run");
    assertThat(said.text()).contains("would ask").contains("4 classes").contains("4 pictures");
    assertThat(said.exit()).isZero();
    assertThat(Said.of("predict", "--weights", weights, raw + "-none", "--dry-run").exit())
        .isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void predictSaysWhatIsInTheWayOfDrawingBeforeItAsks() throws IOException {
    Path pictures = Files.createDirectories(folder.resolve("holiday"));
    Files.createFile(pictures.resolve("cat.jpg"));
    Path file = Files.createFile(folder.resolve("file"));
    Path detector = folder.resolve("detector.safetensors");
    WeightFile.create(new Configuration(), new org.apache.hadoop.fs.Path(detector.toUri()))
        .write(UntrainedNetwork.RETINA_NET.weights());
    assertThat(drawing(weights, pictures, "drawn").text()).contains("nothing to draw");
    assertThat(drawing(detector.toString(), pictures, "file").text()).contains(file + " is a file");
    Said over = drawing(detector.toString(), pictures, "drawn/../holiday");
    assertThat(over.text()).contains("cat.jpg would be drawn over");
    assertThat(over.exit()).isEqualTo(FailureReport.BAD_INPUT);
    assertThat(drawing(detector.toString(), pictures, "drawn").exit()).isZero();
    Files.move(pictures.resolve("cat.jpg"), pictures.resolve("cat.png"));
    assertThat(drawing(detector.toString(), pictures, "holiday").exit()).isZero();
  }

  @Test
  void prepareKeepsAFinishedDataSetOfAnotherKindFromPassingForTheOneAskedFor() {
    Said said = Said.of("prepare", "coco", folder.toString(), data, "--dry-run");
    assertThat(said.text()).contains("holds a finished data set of the kind ", ", not coco");
    assertThat(said.exit()).isEqualTo(FailureReport.BAD_INPUT);
  }

  @Test
  void predictReadsFilesWithAColonInTheirNames() throws IOException {
    Path picture = folder.resolve("12:30.png");
    ImageIO.write(new BufferedImage(70, 70, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    Said said = Said.of("predict", "--weights", weights, picture.toString());
    assertThat(said.text()).contains("12:30.png: class ");
    assertThat(said.exit()).isZero();
  }

  private static Said drawing(String weights, Path pictures, String out) throws IOException {
    Files.createDirectories(folder.resolve("drawn"));
    String to = folder.resolve(out).toString();
    String images = pictures.toString();
    return Said.of("predict", "--weights", weights, images, "--out", to, "--dry-run");
  }

  @Test
  void convertReadsTheWeightsAndWritesNothing() throws IOException {
    Path out = folder.resolve("out.safetensors");
    Said said = Said.of("convert", weights, out.toString(), "--dry-run");
    assertThat(said.text()).contains("would write " + out).contains(NanoModel.NAME);
    assertThat(said.exit()).isZero();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).doesNotContain(out);
    }
  }
}
