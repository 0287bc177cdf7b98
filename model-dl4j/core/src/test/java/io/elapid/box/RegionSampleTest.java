package io.elapid.box;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RegionSampleTest {
  private static final RandomSampler SAMPLER = new RandomSampler(8, 0.5);
  private static final Boxes OBJECTS = new Boxes(new float[] {0, 0, 10, 10, 20, 20, 40, 40});

  /** Near the second object, near nothing, near the first. */
  private static final Boxes PROPOSALS =
      new Boxes(new float[] {20, 20, 40, 38, 60, 60, 70, 70, 0, 0, 10, 9});

  @Test
  void objectsAreCandidatesInFrontOfTheProposals() {
    RegionSample sample = RegionSample.draw(PROPOSALS, OBJECTS, SAMPLER, 1);
    assertThat(sample.truths()).containsExactly(0, 1, 1, 0);
    assertThat(sample.regions().first(2)).usingRecursiveComparison().isEqualTo(OBJECTS);
    assertThat(sample.regions().box(2)).isEqualTo(PROPOSALS.box(0));
    assertThat(sample.regions().box(3)).isEqualTo(PROPOSALS.box(2));
    assertThat(sample.regions().box(4)).isEqualTo(PROPOSALS.box(1));
    assertThat(sample.regions().size()).isEqualTo(5);
  }

  @Test
  void withoutObjectsEveryProposalIsBackground() {
    RegionSample sample = RegionSample.draw(PROPOSALS, Boxes.none(), SAMPLER, 1);
    assertThat(sample.positives()).isZero();
    assertThat(sample.regions().size()).isEqualTo(3);
  }

  @Test
  void noMoreAreDrawnThanAskedFor() {
    RegionSample sample = RegionSample.draw(PROPOSALS, OBJECTS, new RandomSampler(3, 0.34), 5);
    assertThat(sample.positives()).isEqualTo(1);
    assertThat(sample.regions().size()).isEqualTo(2);
    assertThat(RegionSample.draw(PROPOSALS, OBJECTS, new RandomSampler(3, 0.34), 5).truths())
        .containsExactly(sample.truths());
  }
}
