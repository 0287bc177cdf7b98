package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process that is told to end says, and how long it goes on. */
@Timeout(60)
final class StopSignalTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final List<String> said = new CopyOnWriteArrayList<>();

  @Test
  void aRunWithNothingToSavePromisesNothingAndKeepsNobodyWaiting() {
    try (StopSignal signal = new StopSignal(PATIENCE, said::add)) {
      signal.begin(StopSignalTest::idle).close();

      signal.stop();

      assertThat(said).containsExactly("train: told to end");
      assertThat(signal.requested()).isTrue();
      assertThatThrownBy(() -> signal.begin(StopSignalTest::idle))
          .isInstanceOf(RunStoppedException.class)
          .hasMessage("idle");
    }
  }

  @Test
  void aRunThatTrainsIsWaitedForUntilItHasSaved() throws Exception {
    StopSignal signal = new StopSignal(PATIENCE, said::add);
    try (StopSignal.Training training = signal.begin(StopSignalTest::idle)) {
      CompletableFuture<Void> hook = CompletableFuture.runAsync(signal::stop);

      Awaitility.await().until(signal::requested);
      assertThatThrownBy(() -> hook.get(500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      signal.close();
      hook.get(10, TimeUnit.SECONDS);
    }
    assertThat(said).containsExactly("train: told to end: saving a checkpoint");
  }

  private static RunStoppedException idle() {
    return new RunStoppedException("idle");
  }
}
