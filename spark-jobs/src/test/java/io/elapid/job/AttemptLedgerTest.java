package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whatever comes in first, the root of a failure is named, not its effect on others. */
class AttemptLedgerTest {
  private final AttemptLedger ledger = new AttemptLedger(3);

  @Test
  void aRanksOwnFailureComesBeforeWhatItsPeersSay() throws IOException {
    alive(0, "4");
    alive(1, "7");
    failure(0, true, "rank 1 (10.0.0.2:4000) left the group during all-reduce of step 12", "");
    assertThat(ledger.knowsRoot()).isFalse();
    assertThat(cause())
        .startsWith("rank 0 on host0 (executor 4) at step 12 while computing")
        .contains("left the group")
        .contains("last heard of: rank 1 on host1 (executor 7) at step 11");

    failure(1, false, "no batch within 300 s", "");
    assertThat(ledger.knowsRoot()).isTrue();
    assertThat(cause())
        .isEqualTo(
            "rank 1 on host1 (executor 7) at step 12 while computing: no batch within 300 s");
  }

  @Test
  void anExecutorThatIsGoneIsTheRootOfItsPeersFailures() throws IOException {
    alive(0, "4");
    alive(1, "7");
    failure(0, true, "rank 1 (10.0.0.2:4000) closed its connection", "");
    ledger.executorRemoved("9", "idle");
    assertThat(ledger.knowsRoot()).isFalse();
    ledger.executorRemoved("7", "Command exited with code 137");
    assertThat(cause())
        .startsWith("rank 1 on host1 (executor 7) at step 11 while computing: its executor is gone")
        .contains("code 137", "memory");
    assertThat(ledger.running()).extracting(AttemptLedger.Sign::rank).containsExactly(0);
  }

  @Test
  void anExecutorThatGoesAfterItsRankHasEndedIsNoFailure() throws IOException {
    alive(1, "7");
    accept("{\"event\":\"ended\",\"attempt\":3,\"rank\":1}");
    ledger.executorRemoved("7", "idle");
    assertThat(ledger.firstCause()).isEmpty();
    assertThat(ledger.running()).isEmpty();
    assertThat(ledger.silent(Duration.ZERO)).isEmpty();
  }

  @Test
  void anExecutorIsWithoutAcceleratorUntilItIsGone() throws IOException {
    alive(0, "4");
    alive(1, "7");
    accept(
        "{\"event\":\"failure\",\"attempt\":3,\"rank\":1,\"executor\":\"7\",\"of_accelerator\":true}");
    failure(0, true, "rank 1 (10.0.0.2:4000) closed its connection", "");
    assertThat(ledger.executorsWithoutAccelerator()).containsExactly("7");
    ledger.executorRemoved("7", "killed");
    assertThat(ledger.executorsWithoutAccelerator()).isEmpty();
  }

  @Test
  void ranksHaveStoppedWhenTheStateIsSavedAndAllHaveEnded() throws IOException {
    alive(0, "4");
    alive(1, "7");
    accept("{\"event\":\"stopped\",\"attempt\":3,\"step\":12}");
    accept("{\"event\":\"ended\",\"attempt\":3,\"rank\":0}");
    assertThat(ledger.stopped()).isFalse();
    accept("{\"event\":\"ended\",\"attempt\":3,\"rank\":1}");
    assertThat(ledger.stopped()).isTrue();
    assertThat(ledger.stoppedAt()).hasValue(12);
  }

  @Test
  void aRankThatWorksInTasksRunsWhileOneOfThemRuns() throws IOException {
    alive(1, "7");
    accept("{\"event\":\"ended\",\"attempt\":3,\"rank\":1}");
    accept("{\"event\":\"begun\",\"attempt\":3,\"rank\":1,\"executor\":\"9\",\"step\":12}");
    assertThat(ledger.running())
        .extracting(AttemptLedger.Sign::executor, AttemptLedger.Sign::step)
        .containsExactly(tuple("9", 12L));
    assertThat(ledger.silent(Duration.ofSeconds(5))).isEmpty();
    accept("{\"event\":\"ended\",\"attempt\":3,\"rank\":1}");
    alive(1, "9");
    assertThat(ledger.running()).isEmpty();
  }

  @Test
  void earlierAttemptsDoNotCount() throws IOException {
    accept("{\"event\":\"failure\",\"attempt\":2,\"rank\":1,\"message\":\"old\"}");
    accept("{\"event\":\"alive\",\"attempt\":2,\"rank\":1}");
    assertThat(ledger.begun()).isFalse();
    assertThat(ledger.firstCause()).isEmpty();
  }

  @Test
  void theSamplesOfEveryRankAreNamedWhenTheNumbersGoWrong() throws IOException {
    failure(0, false, "the norm of the gradient is NaN", "lower the rate", "a", "b");
    failure(1, false, "the norm of the gradient is NaN", "lower the rate", "c");
    RankFailure failure = ledger.firstCause().orElseThrow();
    assertThat(failure.message()).endsWith("is NaN; samples of the step: a, b, c");
    assertThat(failure.toException(null)).isInstanceOf(InputException.class);
  }

  @Test
  void silenceIsCountedFromTheLastSignOrFromTheDriversReturn() throws Exception {
    alive(0, "4");
    long start = System.nanoTime();
    while (System.nanoTime() - start < 20_000_000) {
      Thread.onSpinWait();
    }
    alive(1, "7");
    assertThat(ledger.silent(Duration.ofMillis(15)).orElseThrow().rank()).isZero();
    ledger.excuseSilence();
    assertThat(ledger.silent(Duration.ofSeconds(5))).isEmpty();
  }

  private String cause() {
    return ledger.firstCause().orElseThrow().toException(null).getMessage();
  }

  private void alive(int rank, String executor) throws IOException {
    accept(
        ("{\"event\":\"alive\",\"attempt\":3,\"rank\":%d,\"host\":\"host%d\",\"executor\":\"%s\",\"step\":11,"
                + "\"phase\":\"computing\"}")
            .formatted(rank, rank, executor));
  }

  private void failure(int rank, boolean ofPeer, String message, String remedy, String... samples)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    accept(
        ("{\"event\":\"failure\",\"attempt\":3,\"rank\":%d,\"host\":\"host%d\",\"executor\":\"%s\",\"step\":12,"
                + "\"phase\":\"computing\",\"message\":\"%s\",\"remedy\":\"%s\",\"of_peer\":%s,\"samples\":%s}")
            .formatted(
                rank,
                rank,
                rank == 0 ? "4" : "7",
                message,
                remedy,
                ofPeer,
                json.writeValueAsString(samples)));
  }

  private void accept(String event) throws IOException {
    JsonNode node = new ObjectMapper().readTree(event);
    ledger.accept(node);
  }
}
