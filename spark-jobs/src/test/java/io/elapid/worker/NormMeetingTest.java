package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.collective.Collective;
import io.elapid.collective.CollectiveException;
import io.elapid.collective.InProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Shards of several ranks that meet in the middle of a step. */
final class NormMeetingTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final List<double[]> FIRST = List.of(new double[] {1, 2}, new double[] {3, 4});
  private static final List<double[]> SECOND = List.of(new double[] {5, 6});

  private final List<Collective> ranks = InProcess.group(2, LIMIT);
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void close() {
    other.shutdownNow();
  }

  private NormMeeting meeting(int rank) {
    return new NormMeeting(ranks.get(rank), 3, new PhaseClock());
  }

  private static <T> T result(Future<T> future) throws Exception {
    return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void everyRankHearsOfAllShardsInTheirOrder() throws Exception {
    Callable<List<double[]>> twice =
        () -> {
          NormMeeting meeting = meeting(1);
          meeting.meet(SECOND);
          return meeting.meet(SECOND);
        };
    Future<List<double[]>> theirs = other.submit(twice);
    NormMeeting mine = meeting(0);
    mine.meet(FIRST);
    List<double[]> expected = new ArrayList<>(FIRST);
    expected.addAll(SECOND);

    assertThat(mine.meet(FIRST)).usingRecursiveComparison().isEqualTo(expected);
    assertThat(result(theirs)).usingRecursiveComparison().isEqualTo(expected);
  }

  @Test
  void ranksInDifferentMeetingsDoNotGoOn() throws Exception {
    NormMeeting late = meeting(1);
    Future<List<double[]>> theirs = other.submit(() -> late.meet(List.of(new double[] {5, 6, 7})));

    assertThatThrownBy(() -> meeting(0).meet(FIRST))
        .hasMessage(
            "in meeting 0 of a step, shards of 2 numbers, rank 1 came to meeting 0 with 3 of 3");
    assertThatThrownBy(() -> result(theirs)).hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void whoWaitsForARankThatHasFailedHearsOfItsCause() throws Exception {
    Future<List<double[]>> waiting = other.submit(() -> meeting(1).meet(SECOND));
    ranks.get(0).abort("a shard has NaN to tell the others");

    assertThatThrownBy(() -> result(waiting))
        .cause()
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("a shard has NaN to tell the others");
  }
}
