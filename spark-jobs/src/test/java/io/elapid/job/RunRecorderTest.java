package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.worker.RunEvents;
import org.junit.jupiter.api.Test;

/** What ranks hear from the driver when they say that they are alive. */
final class RunRecorderTest {
  private boolean stop;

  @Test
  void everyRankHearsThatTheRunIsToEndAndThatItIsSaved() {
    try (RunRecorder recorder = new RunRecorder(line -> {}, event -> {}, () -> stop)) {
      recorder.begin(0);
      assertThat(recorder.accept(alive(0))).isEmpty();
      stop = true;
      for (int rank = 0; rank < 3; rank++) {
        assertThat(recorder.accept(alive(rank))).isEqualTo(RunEvents.STOP);
      }
      recorder.note(RunEvents.line("stopped", "attempt", 0, "step", 7));
      assertThat(recorder.accept(alive(1))).isEqualTo(RunEvents.SAVED);
    }
  }

  private static String alive(int rank) {
    return RunEvents.line("alive", "attempt", 0, "rank", rank, "step", 7);
  }
}
