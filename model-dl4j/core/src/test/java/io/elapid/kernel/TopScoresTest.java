package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopScoresTest {
  private static final int[] LIMITS = {0, 1, 7, 600, 1024, 3000, 9000};

  /** Few different values, so that many are equal; negative ones, zeros of both signs and NaN. */
  private static float[] scores() {
    Random random = new Random(5);
    float[] scores = new float[5000];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (random.nextInt(400) - 200) / 16f;
    }
    scores[17] = -0f;
    scores[4000] = Float.NaN;
    scores[20] = Float.NaN;
    scores[999] = Float.POSITIVE_INFINITY;
    scores[998] = Float.NEGATIVE_INFINITY;
    return scores;
  }

  private static int[] sorted(float[] scores) {
    Comparator<Integer> falling =
        (a, b) -> {
          boolean aIsNone = Float.isNaN(scores[a]);
          boolean bIsNone = Float.isNaN(scores[b]);
          if (aIsNone || bIsNone) {
            return Boolean.compare(aIsNone, bIsNone);
          }
          return scores[a] == scores[b] ? 0 : scores[a] > scores[b] ? -1 : 1;
        };
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(falling)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @Test
  void equalScoresKeepTheirOrder() {
    float[] scores = scores();
    assertThat(TopScores.order(scores)).isEqualTo(sorted(scores));
    for (int limit : LIMITS) {
      int[] expected = IntStream.of(sorted(scores)).limit(limit).toArray();
      assertThat(TopScores.top(scores, limit)).isEqualTo(expected);
    }
  }

  @Test
  void onlyScoresAboveTheThresholdCount() {
    float[] scores = scores();
    for (double threshold : new double[] {-1e9, -3, 0, 11.75, 12.5, 1e9}) {
      for (int limit : LIMITS) {
        int[] expected =
            IntStream.of(sorted(scores)).filter(i -> scores[i] > threshold).limit(limit).toArray();
        assertThat(TopScores.above(scores, threshold, limit)).isEqualTo(expected);
      }
    }
  }

  @Test
  void nothingIsOfNothing() {
    assertThat(TopScores.order(new float[0])).isEmpty();
    assertThat(TopScores.above(new float[] {1}, 1, 5)).isEmpty();
    assertThatThrownBy(() -> TopScores.top(new float[1], -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
