package io.elapid.task.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.DownstreamGolden;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClassificationMetricsTest {

  @Test
  void topOneAndTopFiveEqualTheReference() {
    for (DownstreamGolden golden : DownstreamGolden.family("topk")) {
      for (JsonNode c : golden.index().get("cases")) {
        assertThat(c.get("op").asText()).isEqualTo("accuracy");
        int[] shape = {
          c.at("/inputs/logits/shape/0").asInt(), c.at("/inputs/logits/shape/1").asInt()
        };
        FloatBuffer logits = FloatBuffer.wrap(golden.floats(c.at("/inputs/logits")));
        int[] labels = golden.ints(c.at("/inputs/labels"));
        ClassificationMetrics metrics = new ClassificationMetrics(shape[1]);
        metrics.add(logits, labels, shape[0]);
        // the reference gives percent
        assertThat(100 * metrics.top1())
            .isCloseTo(golden.floats(c.at("/outputs/top1"))[0], within(1e-4));
        assertThat(100 * metrics.top5())
            .isCloseTo(golden.floats(c.at("/outputs/top5"))[0], within(1e-4));
        int[] correct1 = golden.ints(c.at("/outputs/correct1"));
        int[] correct5 = golden.ints(c.at("/outputs/correct5"));
        for (int row = 0; row < shape[0]; row++) {
          int rank = Ranking.rank(logits, row * shape[1], shape[1], labels[row]);
          assertThat(rank == 0 ? 1 : 0).as("top-1 of row %d", row).isEqualTo(correct1[row]);
          assertThat(rank < 5 ? 1 : 0).as("top-5 of row %d", row).isEqualTo(correct5[row]);
        }
      }
    }
  }

  @Test
  void equalScoresAreOrderedByIndexAndNaNComesLast() {
    FloatBuffer row = FloatBuffer.wrap(new float[] {9f, 1f, 3f, 3f, Float.NaN, 3f, Float.NaN});
    assertThat(Ranking.top(row, 1, 6, 6)).containsExactly(1, 2, 4, 0, 3, 5);
    assertThat(Ranking.top(row, 1, 6, 2)).containsExactly(1, 2);
    assertThat(Ranking.rank(row, 1, 6, 4)).isEqualTo(2);
    assertThat(Ranking.rank(row, 1, 6, 5)).isEqualTo(5);
  }

  @Test
  void theRankOfEveryClassAgreesWithTheOrder() {
    Random random = new Random(3);
    for (int trial = 0; trial < 50; trial++) {
      float[] scores = new float[12];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = random.nextInt(6);
      }
      FloatBuffer row = FloatBuffer.wrap(scores);
      int[] order = Ranking.top(row, 0, scores.length, scores.length);
      for (int place = 0; place < order.length; place++) {
        assertThat(Ranking.rank(row, 0, scores.length, order[place])).isEqualTo(place);
      }
    }
  }

  @Test
  void theLossIsTheMeanCrossEntropy() {
    ClassificationMetrics metrics = new ClassificationMetrics(3);
    metrics.add(FloatBuffer.wrap(new float[] {0, 0, 0, 1000, 0, -1000}), new int[] {2, 1}, 2);
    assertThat(metrics.loss()).isCloseTo((Math.log(3) + 1000) / 2, within(1e-9));
  }

  @Test
  void rowsBeyondTheSizeOfABatchDoNotCount() {
    ClassificationMetrics metrics = new ClassificationMetrics(2);
    metrics.add(FloatBuffer.wrap(new float[] {1, 0, 1, 0}), new int[] {0, 0}, 1);
    assertThat(metrics.count()).isEqualTo(1);
  }

  @Test
  void mergingPartsEqualsCountingTheWhole() {
    Random random = new Random(5);
    float[] scores = new float[40 * 7];
    int[] labels = new int[40];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(5);
      labels[i % 40] = random.nextInt(7);
    }
    ClassificationMetrics whole = new ClassificationMetrics(7);
    whole.add(FloatBuffer.wrap(scores), labels, 40);
    ClassificationMetrics merged = new ClassificationMetrics(7);
    for (int rank = 0; rank < 4; rank++) {
      ClassificationMetrics part = new ClassificationMetrics(7);
      part.add(
          FloatBuffer.wrap(scores, rank * 70, 70).slice(),
          java.util.Arrays.copyOfRange(labels, rank * 10, rank * 10 + 10),
          10);
      merged.merge(ClassificationMetrics.fromJson(part.toJson()));
    }
    assertThat(merged.count()).isEqualTo(40);
    assertThat(merged.loss()).isCloseTo(whole.loss(), within(1e-12));
    assertThat(merged.top1()).isEqualTo(whole.top1());
    assertThat(merged.top5()).isEqualTo(whole.top5());
    assertThat(merged.confusion()).isEqualTo(whole.confusion());
  }

  @Test
  void theConfusionMatrixGivesRecallAndPrecision() {
    ClassificationMetrics metrics = new ClassificationMetrics(3);
    float[] scores = {1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0};
    metrics.add(FloatBuffer.wrap(scores), new int[] {0, 1, 1, 1}, 4);
    ConfusionMatrix matrix = metrics.confusion();
    assertThat(matrix.count(1, 0)).isEqualTo(1);
    assertThat(matrix.support(1)).isEqualTo(3);
    assertThat(matrix.predicted(0)).isEqualTo(2);
    assertThat(matrix.recall(1)).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(matrix.precision(0)).isEqualTo(0.5);
    assertThat(matrix.recall(2)).isNaN();
    assertThat(matrix.precision(2)).isNaN();
  }

  @Test
  void classesWhoseSquareIsBeyondAnArrayAreCounted() {
    int classes = 50_000;
    ClassificationMetrics metrics = new ClassificationMetrics(classes);
    float[] scores = new float[classes];
    scores[classes - 1] = 1;
    metrics.add(FloatBuffer.wrap(scores), new int[] {classes - 2}, 1);
    ClassificationMetrics carried = ClassificationMetrics.fromJson(metrics.toJson());
    assertThat(carried.confusion().cells())
        .containsExactly(new ConfusionMatrix.Cell(classes - 2, classes - 1, 1));
    assertThatThrownBy(
            () -> ClassificationMetrics.fromJson(metrics.toJson().replace("\"249", "\"949")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of 50000 classes");
  }

  @Test
  void nothingCountedHasNoMean() {
    ClassificationMetrics metrics = new ClassificationMetrics(3);
    assertThat(metrics.loss()).isNaN();
    assertThat(metrics.top1()).isNaN();
  }

  @Test
  void impossibleInputIsRefused() {
    ClassificationMetrics metrics = new ClassificationMetrics(3);
    FloatBuffer row = FloatBuffer.wrap(new float[3]);
    assertThatThrownBy(() -> metrics.add(row, new int[] {3}, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("label 3 of 3 classes");
    assertThatThrownBy(() -> metrics.merge(new ClassificationMetrics(4)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ClassificationMetrics.fromJson("{\"classes\":2}"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ClassificationMetrics.fromJson("nonsense"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
