package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.ArenaPlan.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArenaPlanTest {
  @Test
  void resultsAliveTogetherNeverOverlap() {
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      List<Span> spans = randomSpans(random);
      ArenaPlan plan = ArenaPlan.of(spans, 16);
      for (int i = 0; i < spans.size(); i++) {
        assertThat(plan.offsets()[i] % 16).isZero();
        assertThat(plan.offsets()[i] + spans.get(i).size()).isLessThanOrEqualTo(plan.length());
        for (int j = 0; j < i; j++) {
          assertThat(together(spans.get(i), spans.get(j)) && overlap(plan, spans, i, j)).isFalse();
        }
      }
    }
  }

  @Test
  void resultsInSuccessionShareMemory() {
    List<Span> spans = List.of(new Span(64, 0, 1), new Span(64, 1, 2), new Span(64, 2, 3));
    assertThat(ArenaPlan.of(spans, 16).length()).isEqualTo(128);
  }

  @Test
  void takesTheSmallestGapThatFits() {
    List<Span> spans =
        List.of(
            new Span(128, 0, 0),
            new Span(96, 0, 9),
            new Span(64, 0, 0),
            new Span(48, 0, 9),
            new Span(32, 1, 1));
    ArenaPlan plan = ArenaPlan.of(spans, 16);
    assertThat(plan.offsets()[4]).isEqualTo(plan.offsets()[2]);
  }

  private static List<Span> randomSpans(Random random) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int first = random.nextInt(30);
      spans.add(new Span(1 + random.nextInt(500), first, first + random.nextInt(10)));
    }
    return spans;
  }

  private static boolean together(Span a, Span b) {
    return a.first() <= b.last() && b.first() <= a.last();
  }

  private static boolean overlap(ArenaPlan plan, List<Span> spans, int i, int j) {
    long a = plan.offsets()[i];
    long b = plan.offsets()[j];
    return a < b + spans.get(j).size() && b < a + spans.get(i).size();
  }
}
