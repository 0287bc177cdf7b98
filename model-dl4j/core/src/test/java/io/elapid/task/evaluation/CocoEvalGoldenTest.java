package io.elapid.task.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.data.source.CocoTruth;
import io.elapid.golden.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every number against what COCO's own code gives for the same files. */
class CocoEvalGoldenTest {
  private static final Configuration CONF = new Configuration();
  private static final double DIGITS = 6e-7;

  @TempDir java.nio.file.Path temp;

  static List<Goldens.Golden> expected() {
    return Goldens.discover("coco_eval_expected.json");
  }

  @ParameterizedTest
  @MethodSource("expected")
  void boxesAreScoredAsByTheOfficialTool(Goldens.Golden golden) throws IOException {
    compare(golden.json().get("bbox"), score(golden, "bbox", IouType.BBOX));
  }

  @ParameterizedTest
  @MethodSource("expected")
  void masksAreScoredAsByTheOfficialTool(Goldens.Golden golden) throws IOException {
    compare(golden.json().get("segm"), score(golden, "segm", IouType.SEGM));
  }

  /** The published file has a box in every entry: their areas then decide about sizes. */
  @ParameterizedTest
  @MethodSource("expected")
  void aBoxInTheResultsTakesTheMasksArea(Goldens.Golden golden) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode boxes = mapper.readTree(path(golden, "dets_bbox").toFile());
    JsonNode masks = mapper.readTree(path(golden, "dets_segm").toFile());
    assertThat(masks.size()).isEqualTo(boxes.size());
    for (int i = 0; i < masks.size(); i++) {
      ((ObjectNode) masks.get(i)).set("bbox", boxes.get(i).get("bbox"));
    }
    java.nio.file.Path both = temp.resolve("both.json");
    mapper.writeValue(both.toFile(), masks);
    CocoResults results =
        CocoScoring.of(
                CONF,
                hadoop(path(golden, "gt")),
                hadoop(both),
                IouType.SEGM,
                DetectionLimits.PYCOCOTOOLS)
            .results();
    compare(golden.json().get("segm_results_with_bbox"), results);
  }

  @ParameterizedTest
  @MethodSource("expected")
  void aPartOfThePicturesAndAllClassesTogether(Goldens.Golden golden) throws IOException {
    Set<Long> some = new HashSet<>();
    for (JsonNode id : golden.json().at("/bbox_first_30_image_ids/imgIds")) {
      some.add(id.asLong());
    }
    CocoEvaluator part = evaluator(golden, ClassGrouping.BY_CLASS, some);
    compareNumbers(golden.json().get("bbox_first_30_image_ids"), part.results(limits(golden)));
    CocoEvaluator all =
        evaluator(golden, ClassGrouping.ALL_TOGETHER, truth(golden).pictures().keySet());
    compareNumbers(golden.json().get("bbox_class_agnostic"), all.results(limits(golden)));
  }

  /** Whoever had which pictures, in whatever order: the same doubles. */
  @ParameterizedTest
  @MethodSource("expected")
  void sharesMergeToTheSameNumbersBitForBit(Goldens.Golden golden) throws IOException {
    List<Long> ids = new ArrayList<>(truth(golden).pictures().keySet());
    CocoEvaluator whole = evaluator(golden, ClassGrouping.BY_CLASS, new HashSet<>(ids));
    for (int ranks : new int[] {1, 2, 3, 7}) {
      Collections.shuffle(ids, new Random(ranks));
      List<byte[]> shares = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        int from = rank * ids.size() / ranks;
        int to = (rank + 1) * ids.size() / ranks;
        Set<Long> own = new HashSet<>(ids.subList(from, to));
        shares.add(evaluator(golden, ClassGrouping.BY_CLASS, own).toBytes());
      }
      Collections.shuffle(shares, new Random(ranks));
      CocoEvaluator merged = CocoEvaluator.fromBytes(shares.get(0));
      shares.subList(1, ranks).forEach(share -> merged.merge(CocoEvaluator.fromBytes(share)));
      assertThat(merged.toBytes()).isEqualTo(whole.toBytes());
      for (DetectionLimits limits : DetectionLimits.values()) {
        assertThat(merged.results(limits).numbers()).isEqualTo(whole.results(limits).numbers());
      }
    }
  }

  /** No class of a picture has more than 100 detections here, so mmdet's limits change only AR. */
  @ParameterizedTest
  @MethodSource("expected")
  void otherLimitsAreOtherRecalls(Goldens.Golden golden) throws IOException {
    CocoResults usual = score(golden, "bbox", IouType.BBOX);
    CocoResults mmdet =
        CocoScoring.of(
                CONF,
                hadoop(path(golden, "gt")),
                hadoop(path(golden, "dets_bbox")),
                IouType.BBOX,
                DetectionLimits.MMDET)
            .results();
    assertThat(mmdet.named().keySet())
        .containsExactly(
            "AP", "AP50", "AP75", "APs", "APm", "APl", "AR100", "AR300", "AR1000", "ARs", "ARm",
            "ARl");
    assertThat(mmdet.value(CocoMetric.AP)).isEqualTo(usual.value(CocoMetric.AP));
    assertThat(mmdet.value(CocoMetric.AR_FIRST)).isEqualTo(usual.value(CocoMetric.AR_THIRD));
  }

  /** What was read, written in our form and read again is the same detections. */
  @ParameterizedTest
  @MethodSource("expected")
  void resultFilesOfRanksJoinToTheFileOfOne(Goldens.Golden golden) throws IOException {
    for (IouType type : IouType.values()) {
      CocoTruth truth = truth(golden);
      List<Integer> ids = truth.classes().stream().map(c -> Integer.valueOf(c.id())).toList();
      String name = type == IouType.BBOX ? "dets_bbox" : "dets_segm";
      Map<Long, List<Detection>> found =
          CocoResultsReader.read(CONF, hadoop(path(golden, name)), truth, type);
      CocoResultsWriter all = new CocoResultsWriter(type, ids);
      CocoResultsWriter even = new CocoResultsWriter(type, ids);
      CocoResultsWriter odd = new CocoResultsWriter(type, ids);
      List<Long> order = new ArrayList<>(found.keySet());
      Collections.shuffle(order, new Random(5));
      for (long id : order) {
        all.add(id, found.get(id));
        (id % 2 == 0 ? even : odd).add(id, found.get(id));
      }
      Path file = hadoop(temp.resolve(type + ".json"));
      all.write(CONF, file);
      List<Path> parts = List.of(hadoop(temp.resolve("even")), hadoop(temp.resolve("odd")));
      even.write(CONF, parts.get(0));
      odd.write(CONF, parts.get(1));
      CocoResultsWriter.join(CONF, parts, hadoop(temp.resolve("joined")));
      assertThat(temp.resolve("joined")).hasSameTextualContentAs(temp.resolve(type + ".json"));
      assertThat(Files.readString(temp.resolve("joined")).contains("bbox"))
          .isEqualTo(type == IouType.BBOX);
      CocoResults again =
          CocoScoring.of(CONF, hadoop(path(golden, "gt")), file, type, limits(golden)).results();
      compare(golden.json().get(type == IouType.BBOX ? "bbox" : "segm"), again);
    }
  }

  @ParameterizedTest
  @MethodSource("expected")
  void thresholdsAreThoseOfTheOfficialToolToTheBit(Goldens.Golden golden) {
    JsonNode params = golden.json().get("params");
    for (int t = 0; t < Thresholds.IOUS; t++) {
      assertThat(Thresholds.iou(t))
          .isEqualTo(Double.parseDouble(params.get("iouThrs_hex").get(t).asText()));
    }
    params
        .get("recThrs_hex_sample")
        .fields()
        .forEachRemaining(
            sample ->
                assertThat(Thresholds.recall(Integer.parseInt(sample.getKey())))
                    .isEqualTo(Double.parseDouble(sample.getValue().asText())));
  }

  private static CocoResults score(Goldens.Golden golden, String name, IouType type)
      throws IOException {
    Path results = hadoop(path(golden, "dets_" + name));
    return CocoScoring.of(CONF, hadoop(path(golden, "gt")), results, type, limits(golden))
        .results();
  }

  private static CocoEvaluator evaluator(
      Goldens.Golden golden, ClassGrouping grouping, Set<Long> ids) throws IOException {
    CocoTruth truth = truth(golden);
    Map<Long, List<Detection>> found =
        CocoResultsReader.read(CONF, hadoop(path(golden, "dets_bbox")), truth, IouType.BBOX);
    CocoEvaluator evaluator = new CocoEvaluator(IouType.BBOX, grouping, truth.classes().size());
    List<Long> order = new ArrayList<>(ids);
    Collections.shuffle(order, new Random(1));
    for (long id : order) {
      CocoTruth.Picture picture = truth.pictures().get(id);
      evaluator.add(picture.target(), picture.size(), found.getOrDefault(id, List.of()));
    }
    return evaluator;
  }

  private static CocoTruth truth(Goldens.Golden golden) throws IOException {
    return CocoTruth.read(CONF, hadoop(path(golden, "gt")));
  }

  private static DetectionLimits limits(Goldens.Golden golden) {
    assertThat(Goldens.longs(golden.json().at("/params/maxDets"))).containsExactly(1, 10, 100);
    return DetectionLimits.PYCOCOTOOLS;
  }

  private static java.nio.file.Path path(Goldens.Golden golden, String name) {
    return golden.path().resolveSibling("coco_eval_" + name + ".json");
  }

  private static Path hadoop(java.nio.file.Path path) {
    return new Path(path.toUri());
  }

  private static void compare(JsonNode expected, CocoResults results) {
    compareNumbers(expected, results);
    int label = 0;
    for (JsonNode one : expected.get("per_category")) {
      CocoResults.ClassResult result = results.classes().get(label++);
      assertThat(result.ap()).isCloseTo(one.get("AP").asDouble(), within(DIGITS));
      assertThat(result.apPerIou())
          .containsExactly(Goldens.doubles(one.get("AP_per_iou")), within(DIGITS));
      assertThat(result.recallPerIou())
          .containsExactly(Goldens.doubles(one.get("recall_per_iou")), within(DIGITS));
    }
    assertThat(label).isEqualTo(results.classes().size());
    double ap50 = 0;
    for (double precision : results.precision(0)) {
      ap50 += precision / Thresholds.RECALLS;
    }
    assertThat(ap50).isCloseTo(results.value(CocoMetric.AP50), within(1e-9));
  }

  private static void compareNumbers(JsonNode expected, CocoResults results) {
    Map<String, Double> named = results.named();
    expected
        .get("stats")
        .fields()
        .forEachRemaining(
            stat ->
                assertThat(named.get(stat.getKey()))
                    .as(stat.getKey())
                    .isCloseTo(stat.getValue().asDouble(), within(DIGITS)));
    assertThat(named).hasSize(expected.get("stats").size());
  }
}
