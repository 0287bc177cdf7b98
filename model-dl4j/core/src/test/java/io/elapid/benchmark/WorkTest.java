package io.elapid.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WorkTest {
  private static final Work.Speeds SPEEDS = new Work.Speeds(10, 2, 50);

  @Test
  void theSlowestResourceSetsTheFloor() {
    assertThat(new Work(1000, 10, 10).floor(SPEEDS)).isEqualTo(100);
    assertThat(new Work(10, 1000, 10).floor(SPEEDS)).isEqualTo(500);
    assertThat(new Work(10, 10, 1000).floor(SPEEDS)).isEqualTo(20);
  }

  @Test
  void speedsFollowFromTimes() {
    Work.Speeds speeds =
        Work.Speeds.ofTimes(
            Work.Speeds.COPIED, 2.0 * Work.Speeds.EXPONENTIALS, Work.Speeds.PRODUCTS / 4.0);
    assertThat(speeds).isEqualTo(new Work.Speeds(2, 0.5, 4));
  }

  @Test
  void aScanReadsAndWritesEverythingOnce() {
    // 16 samples of 12 channels on 7 x 7 positions, in 4 directions of 49 steps with 8 states
    Work work = ScanShape.TINYVIM_B_STAGE_1.work(ScanOperation.SCAN, 16);
    double map = 16 * 12 * 49;
    double saved = 16 * 4 * 8 * 12;
    double floats = 2 * map + 4 * map + 2 * (16 * 4 * 49 * 8) + saved;
    assertThat(work.bytes()).isCloseTo(4 * floats, within(0.5));
    assertThat(work.exponentials()).isCloseTo(4 * map * 10, within(0.5));
  }
}
