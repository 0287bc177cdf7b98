package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.ImageFormat;
import io.elapid.data.image.JpegEncoder;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.PngEncoder;
import io.elapid.data.shard.Sample;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.Segmentation;
import io.elapid.data.target.Target;
import io.elapid.observe.Report;
import io.elapid.observe.ReportPage;
import io.elapid.observe.RunHistory;
import io.elapid.worker.PictureAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report shows of pictures in which something was to be found. */
final class ReportPairsTest {
  private static final int SIDE = 200;
  private static final int INNER = 50;
  private static final Pattern PICTURE = Pattern.compile("data:image/jpeg;base64,([^\"]+)\"");

  @TempDir Path folder;

  @Test
  void boxesAreShownWithoutMasksWhereOnlyBoxesAreFound() throws Exception {
    List<Image> shown = shown("task.type = object-detection", square());
    assertThat(shown).hasSize(2);
    assertThat(differs(shown.get(0), 100, 100)).as("inside").isFalse();
    assertThat(differs(shown.get(0), INNER, 100)).as("left edge").isTrue();
    assertThat(shown.get(1).rgb()[0] & 0xFF).as("as it was predicted").isGreaterThan(200);
  }

  @Test
  void masksAreShownWhereTheyAreFound() throws Exception {
    List<Image> shown = shown("task.type = instance-segmentation", square());
    assertThat(shown).hasSize(2);
    assertThat(differs(shown.get(0), 100, 100)).as("inside").isTrue();
    assertThat(differs(shown.get(0), 20, 100)).as("outside").isFalse();
  }

  @Test
  void labelsAreShownInTheColoursThatPredictionsHave() throws Exception {
    String pad = "{ type = pad, divisor = 32 }";
    String reduced = labelRecipe("{ type = reduce-zero-label }, " + pad);
    Image plain = shown(labelRecipe(pad), labels(0)).get(0);
    // label 0 is a class of its own where nobody takes it away
    assertThat(differs(plain, 20, 100)).isTrue();
    Image first = shown(reduced, labels(1)).get(0);
    assertThat(differs(first, 20, 100)).as("other").isFalse();
    for (int c = 0; c < 3; c++) {
      assertThat(pixel(first, 100, 100).get(c)).isCloseTo(pixel(plain, 20, 100).get(c), within(8));
    }
  }

  private static String labelRecipe(String transforms) {
    return """
    task.type = semantic-segmentation
    data { train-transforms = [%s], eval-transforms = [%s] }
    """
        .formatted(transforms, transforms);
  }

  private static Target square() {
    double far = SIDE - INNER;
    double[] ring = {INNER, INNER, far, INNER, far, far, INNER, far};
    return new ObjectTarget(
        1,
        Orientation.UPRIGHT,
        List.of(
            new ObjectAnnotation(
                1,
                1,
                0,
                INNER,
                INNER,
                SIDE - 2 * INNER,
                SIDE - 2 * INNER,
                1e4,
                ObjectAnnotation.Extent.OBJECT,
                new Segmentation.Polygons(List.of(ring)))));
  }

  /** A label in the middle of zeros. */
  private static Target labels(int label) {
    byte[] values = new byte[SIDE * SIDE];
    for (int y = INNER; y < SIDE - INNER; y++) {
      Arrays.fill(values, y * SIDE + INNER, (y + 1) * SIDE - INNER, (byte) label);
    }
    return new LabelMapTarget(PngEncoder.encode(new LabelMap(SIDE, SIDE, values)), "");
  }

  private static Image uniform(int value) {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    Arrays.fill(rgb, (byte) value);
    return new Image(SIDE, SIDE, rgb);
  }

  private List<Image> shown(String text, Target target) throws Exception {
    Recipe recipe = RecipeLoader.parse("test.conf", text, List.of());
    byte[] grey = PngEncoder.encode(uniform(128));
    List<Sample> samples =
        List.of(
            new Sample("one", grey, SIDE, SIDE, ImageFormat.PNG, "one.png", target),
            new Sample("two", grey, SIDE, SIDE, ImageFormat.PNG, "two.png", target));
    Map<String, PictureAnswer> answers =
        Map.of(
            "one", new PictureAnswer("one", List.of(), null, jpeg(uniform(250))),
            "two", new PictureAnswer("two", List.of(), "unreadable"));
    try (ReportPairs pairs = new ReportPairs(recipe, List.of("first", "second"))) {
      org.apache.hadoop.fs.Path page =
          new org.apache.hadoop.fs.Path(folder.resolve("report.html").toUri());
      ReportPage.write(
          new Configuration(), page, empty(), List.of(pairs.section(samples, answers)));
    }
    String html = Files.readString(folder.resolve("report.html"));
    assertThat(html).contains("one</figcaption>").doesNotContain("two</figcaption>");
    List<Image> shown = new ArrayList<>();
    Matcher matcher = PICTURE.matcher(html);
    while (matcher.find()) {
      shown.add(ImageCodec.decode(Base64.getDecoder().decode(matcher.group(1))));
    }
    return shown;
  }

  private static byte[] jpeg(Image image) throws IOException {
    try (JpegEncoder encoder = new JpegEncoder()) {
      return encoder.encode(image, 0.9);
    }
  }

  private static Report empty() {
    RunHistory history = new RunHistory(List.of(), List.of(), List.of());
    return new Report(
        "title",
        "",
        history,
        Optional.empty(),
        List.of(),
        Report.RunFacts.of(history, Duration.ZERO, Map.of()),
        List.of(),
        "",
        Map.of());
  }

  /** Whether the pixel that stands for one of the sample is not grey any more. */
  private static boolean differs(Image shown, int x, int y) {
    for (int value : pixel(shown, x, y)) {
      if (Math.abs(value - 128) > 40) {
        return true;
      }
    }
    return false;
  }

  private static List<Integer> pixel(Image shown, int x, int y) {
    int column = x * shown.width() / SIDE;
    int row = y * shown.height() / SIDE;
    int at = 3 * (row * shown.width() + column);
    return List.of(shown.rgb()[at] & 0xFF, shown.rgb()[at + 1] & 0xFF, shown.rgb()[at + 2] & 0xFF);
  }
}
