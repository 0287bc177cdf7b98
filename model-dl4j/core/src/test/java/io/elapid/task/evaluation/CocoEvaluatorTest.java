package io.elapid.task.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.InputException;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Orientation;
import io.elapid.data.image.Size;
import io.elapid.data.target.Box;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.RunLengths;
import io.elapid.data.target.Segmentation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CocoEvaluatorTest {
  private static final Configuration CONF = new Configuration();
  private static final Size PICTURE = new Size(200, 100);

  @TempDir java.nio.file.Path temp;

  @Test
  void aCrowdTakesAnyNumberOfDetectionsAndNoneOfThemCounts() {
    CocoEvaluator evaluator = boxes(1);
    evaluator.add(
        target(1, object(1, 0, 0, 10, 10, Extent.OBJECT), object(2, 50, 0, 100, 100, Extent.CROWD)),
        PICTURE,
        List.of(
            found(0, .9, 60, 10, 10, 10),
            found(0, .8, 80, 30, 10, 10),
            found(0, .7, 0, 0, 10, 10)));
    assertThat(numbers(evaluator, CocoMetric.AP)).isCloseTo(1, within(1e-12));
    evaluator.add(target(2), PICTURE, List.of(found(0, .95, 5, 5, 9, 9)));
    assertThat(numbers(evaluator, CocoMetric.AP)).isCloseTo(.5, within(1e-12));
  }

  @Test
  void anObjectOnTheEdgeBetweenTwoSizesIsOfBoth() {
    CocoEvaluator evaluator = boxes(1);
    evaluator.add(
        target(1, object(1, 0, 0, 32, 32, Extent.OBJECT)),
        PICTURE,
        List.of(found(0, .9, 0, 0, 32, 32)));
    assertThat(numbers(evaluator, CocoMetric.AP_SMALL)).isCloseTo(1, within(1e-12));
    assertThat(numbers(evaluator, CocoMetric.AP_MEDIUM)).isCloseTo(1, within(1e-12));
    assertThat(numbers(evaluator, CocoMetric.AP_LARGE)).isEqualTo(CocoResults.ABSENT);
  }

  /** The official tool stores the id as the mark of a match, and reads 0 as none. */
  @Test
  void anAnnotationWithTheIdZeroIsNeverFound() {
    CocoEvaluator evaluator = boxes(1);
    evaluator.add(
        target(1, object(0, 0, 0, 32, 32, Extent.OBJECT)),
        PICTURE,
        List.of(found(0, .9, 0, 0, 32, 32)));
    assertThat(numbers(evaluator, CocoMetric.AP)).isZero();
  }

  @Test
  void onlyTheBestSoManyOfAClassCount() {
    CocoEvaluator evaluator = boxes(2);
    Detection[] many = new Detection[150];
    Arrays.setAll(many, i -> found(0, 1 - i / 1000.0, 150, 50, 5, 5));
    many[149] = found(0, .5, 0, 0, 20, 20);
    evaluator.add(target(1, object(1, 0, 0, 20, 20, Extent.OBJECT)), PICTURE, List.of(many));
    assertThat(numbers(evaluator, CocoMetric.AR_THIRD)).isZero();
    CocoResults mmdet = evaluator.results(DetectionLimits.MMDET);
    assertThat(mmdet.value(CocoMetric.AR_FIRST)).isZero();
    assertThat(mmdet.value(CocoMetric.AR_SECOND)).isEqualTo(1);
    assertThat(mmdet.value(CocoMetric.AP)).isZero();
    assertThat(mmdet.value(CocoMetric.AP50)).isCloseTo(1 / 150.0, within(1e-9));
    assertThat(mmdet.classes().get(1).ap()).isEqualTo(CocoResults.ABSENT);
  }

  @Test
  void masksMatterWhereBoxesAgree() {
    Segmentation.RunLength left = RunLengths.ofBox(0, 0, 20, 50, 200, 100);
    Segmentation.RunLength whole = RunLengths.ofBox(0, 0, 40, 50, 200, 100);
    ObjectAnnotation object =
        new ObjectAnnotation(1, 1, 0, 0, 0, 40, 50, left.area(), Extent.OBJECT, left);
    Detection detection = Detection.of(0, .9, new Box(0, 0, 40, 50), whole);
    CocoEvaluator masks = new CocoEvaluator(IouType.SEGM, ClassGrouping.BY_CLASS, 1);
    masks.add(target(1, object), PICTURE, List.of(detection));
    CocoEvaluator boxes = boxes(1);
    boxes.add(target(1, object), PICTURE, List.of(detection));
    // half of the mask is right: only the overlap 0.5 is reached
    assertThat(numbers(masks, CocoMetric.AP)).isCloseTo(.1, within(1e-12));
    assertThat(numbers(boxes, CocoMetric.AP)).isCloseTo(1, within(1e-12));
    assertThatThrownBy(() -> masks.add(target(2), PICTURE, List.of(found(0, .9, 0, 0, 4, 4))))
        .hasMessageContaining("without a mask of 200 x 100");
  }

  @Test
  void refusesWhatWouldBeCountedTwiceOrNotAtAll() {
    CocoEvaluator evaluator = boxes(2);
    evaluator.add(target(7), PICTURE, List.of());
    assertThatThrownBy(() -> evaluator.add(target(7), PICTURE, List.of()))
        .hasMessageContaining("picture 7 was evaluated twice");
    CocoEvaluator same = boxes(2);
    same.add(target(7), PICTURE, List.of());
    assertThatThrownBy(() -> evaluator.merge(same)).hasMessageContaining("twice");
    assertThatThrownBy(() -> evaluator.merge(boxes(3))).hasMessageContaining("3 classes");
    assertThatThrownBy(() -> evaluator.add(target(8), PICTURE, List.of(found(2, .5, 0, 0, 1, 1))))
        .hasMessageContaining("class 2 of 2");
    assertThatThrownBy(() -> found(0, Double.NaN, 0, 0, 1, 1)).hasMessageContaining("NaN");
    assertThat(boxes(2).results(DetectionLimits.PYCOCOTOOLS).numbers().values())
        .containsOnly(CocoResults.ABSENT);
  }

  /**
   * Whatever happens to the bytes on their way: results or a clear refusal, never anything else.
   */
  @Test
  void damagedBytesAreRefused() {
    CocoEvaluator evaluator = boxes(3);
    Random random = new Random(3);
    for (int picture = 1; picture < 20; picture++) {
      evaluator.add(
          target(picture, object(picture, 5, 5, 30, 40, Extent.OBJECT)),
          PICTURE,
          List.of(found(random.nextInt(3), random.nextDouble(), 5, 5, 30, 30)));
    }
    byte[] bytes = evaluator.toBytes();
    assertThat(CocoEvaluator.fromBytes(bytes).toBytes()).isEqualTo(bytes);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] damaged =
          Arrays.copyOf(bytes, i % 4 == 0 ? random.nextInt(bytes.length) : bytes.length);
      for (int flip = 0; flip < 2 && damaged.length > 0; flip++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        CocoEvaluator.fromBytes(damaged).results(DetectionLimits.MMDET);
      } catch (IllegalArgumentException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(500);
    byte[] greedy = ByteBuffer.allocate(24).put(bytes, 0, 16).putInt(Integer.MAX_VALUE).array();
    assertThatThrownBy(() -> CocoEvaluator.fromBytes(greedy)).hasMessageContaining("a length");
  }

  @Test
  void brokenResultFilesAreNamedWithTheEntryAtFault() throws IOException {
    String annotations =
        "{\"images\":[{\"id\":3,\"width\":20,\"height\":10}],\"annotations\":[],"
            + "\"categories\":[{\"id\":5,\"name\":\"cat\"}]}";
    Path truth = file("gt.json", annotations);
    String good = "{\"image_id\":3,\"category_id\":5,\"score\":0.5,\"bbox\":[1,1,2,2]}";
    assertThat(score(truth, "[" + good + "]").results().pictures()).isEqualTo(1);
    String ofDataFrame = good.replace(":3", ":3.0").replace(":5", ":5.0");
    assertThat(score(truth, "[" + ofDataFrame + "]").results().pictures()).isEqualTo(1);
    assertThat(score(truth, "[]").classes().get(0).name()).isEqualTo("cat");
    String[][] broken = {
      {"{}", "no list"},
      {"[" + good, "damaged"},
      {"[" + good + "," + good.replace(":3", ":4") + "]", "entry 1 is of picture 4"},
      {"[" + good.replace(":3", ":3.5") + "]", "entry 0 has no whole number as image_id"},
      {"[" + good.replace(":5", ":6") + "]", "entry 0 has the category_id 6"},
      {"[" + good.replace(":5", ":4294967301") + "]", "entry 0 has the category_id 4294967301"},
      {"[" + good.replace("score", "scare") + "]", "entry 0 has no score"},
      {"[" + good.replace("[1,1,2,2]", "[1,1,2,\"x\"]") + "]", "entry 0 is wrong"},
      {"[" + good.replace("bbox", "box") + "]", "neither a bbox"},
      {
        "["
            + good.replace(
                "\"bbox\":[1,1,2,2]", "\"segmentation\":{\"size\":[2,2],\"counts\":\"~\"}")
            + "]",
        "character"
      },
      {"[7]", "has no whole number as image_id"},
    };
    for (String[] one : broken) {
      assertThatThrownBy(() -> score(truth, one[0]))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("results.json")
          .hasMessageContaining(one[1]);
    }
  }

  @Test
  void resultsMayBeOutlinedAsAnnotationsAre() throws IOException {
    String outline = "\"bbox\":[0,0,30,30],\"segmentation\":[[0,0,30,0,0,30]]";
    Path truth =
        file(
            "gt.json",
            "{\"images\":[{\"id\":3,\"width\":40,\"height\":40}],\"annotations\":[{\"id\":1,"
                + "\"image_id\":3,\"category_id\":5,\"iscrowd\":0,\"area\":450,"
                + outline
                + "}],\"categories\":[{\"id\":5,\"name\":\"cat\"}]}");
    String found = "[{\"image_id\":3,\"category_id\":5,\"score\":0.5," + outline + "}]";
    assertThat(masks(truth, found).results().value(CocoMetric.AP)).isCloseTo(1, within(1e-12));
    assertThatThrownBy(() -> masks(truth, found.replace(",0,30]]", ",0]]")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("entry 0 is wrong: polygon left out, it has 5 numbers");
  }

  private CocoScoring masks(Path truth, String results) throws IOException {
    return CocoScoring.of(
        CONF, truth, file("results.json", results), IouType.SEGM, DetectionLimits.PYCOCOTOOLS);
  }

  @Test
  void labelMapsAreWrittenAsTheBenchmarkTakesThem() throws Exception {
    byte[] values = new byte[31 * 17];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (i % 150);
    }
    LabelMap predicted = new LabelMap(31, 17, values);
    Path file = LabelMapFile.write(CONF, new Path(temp.toUri()), "val/ADE_val_00000007", predicted);
    assertThat(file.getName()).isEqualTo("ADE_val_00000007.png");
    byte[] png = Files.readAllBytes(temp.resolve("ADE_val_00000007.png"));
    assertThat(ImageCodec.decodeLabels(png).withoutZero())
        .usingRecursiveComparison()
        .isEqualTo(predicted);
    LabelMap ignored = new LabelMap(1, 1, new byte[] {(byte) LabelMap.IGNORED});
    assertThatThrownBy(() -> LabelMapFile.write(CONF, new Path(temp.toUri()), "x", ignored))
        .hasMessageContaining("class 255");
  }

  private CocoScoring score(Path truth, String results) throws IOException {
    return CocoScoring.of(
        CONF, truth, file("results.json", results), IouType.BBOX, DetectionLimits.PYCOCOTOOLS);
  }

  private Path file(String name, String content) throws IOException {
    java.nio.file.Path file = temp.resolve(name);
    Files.writeString(file, content);
    return new Path(file.toUri());
  }

  private static double numbers(CocoEvaluator evaluator, CocoMetric metric) {
    return evaluator.results(DetectionLimits.PYCOCOTOOLS).value(metric);
  }

  private static CocoEvaluator boxes(int classes) {
    return new CocoEvaluator(IouType.BBOX, ClassGrouping.BY_CLASS, classes);
  }

  private static ObjectTarget target(long id, ObjectAnnotation... objects) {
    return new ObjectTarget(id, Orientation.UPRIGHT, List.of(objects));
  }

  private static ObjectAnnotation object(
      long id, double x, double y, double width, double height, Extent extent) {
    return new ObjectAnnotation(
        id, 1, 0, x, y, width, height, width * height, extent, new Segmentation.None());
  }

  private static Detection found(
      int label, double score, float x, float y, float width, float height) {
    return Detection.of(label, score, new Box(x, y, x + width, y + height));
  }
}
