package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BenchScoreCommandTest {
  @Test
  void measuresBoxesAndMasksOfAnyNumberOfPictures() {
    assertThat(Elapid.run("bench", "score", "--pictures", "5", "--detections", "20")).isZero();
    assertThat(Elapid.run("bench", "score", "--pictures", "0")).isNotZero();
  }
}
