package io.elapid.box;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomSamplerTest {
  private static final RandomSampler SAMPLER = new RandomSampler(8, 0.25);

  /** Candidates in turn positive, background, ignored. */
  private static Assignment assignment(int size) {
    int[] truths = IntStream.range(0, size).map(i -> 1 - i % 3).toArray();
    return new Assignment(truths, new float[size]);
  }

  @Test
  void drawsNoMorePositivesThanTheirShareAndFillsUpWithBackground() {
    Assignment assignment = assignment(60);
    RandomSampler.Draw draw = SAMPLER.draw(assignment, 1);
    assertThat(draw.positives()).hasSize(2).isSorted().doesNotHaveDuplicates();
    assertThat(Arrays.stream(draw.positives())).allMatch(i -> i % 3 == 0);
    assertThat(draw.negatives()).hasSize(6).isSorted().doesNotHaveDuplicates();
    assertThat(Arrays.stream(draw.negatives())).allMatch(i -> i % 3 == 1);
  }

  @Test
  void takesAllOfWhatIsScarce() {
    RandomSampler.Draw draw = SAMPLER.draw(assignment(5), 1);
    assertThat(draw.positives()).containsExactly(0, 3);
    assertThat(draw.negatives()).containsExactly(1, 4);
  }

  @Test
  void dependsOnTheSeedAndOnNothingElse() {
    Assignment assignment = assignment(300);
    RandomSampler.Draw draw = SAMPLER.draw(assignment, 7);
    assertThat(SAMPLER.draw(assignment, 7).negatives()).containsExactly(draw.negatives());
    assertThat(SAMPLER.draw(assignment, 8).negatives()).isNotEqualTo(draw.negatives());
  }

  @Test
  void drawsEveryCandidateEquallyOften() {
    Assignment assignment = assignment(30);
    int[] drawn = new int[30];
    for (int seed = 0; seed < 10_000; seed++) {
      Arrays.stream(SAMPLER.draw(assignment, seed).positives()).forEach(i -> drawn[i]++);
    }
    // 2 of 10: 2,000 each, deviation 40
    assertThat(IntStream.range(0, 10).map(i -> drawn[3 * i])).allMatch(n -> n > 1800 && n < 2200);
  }
}
