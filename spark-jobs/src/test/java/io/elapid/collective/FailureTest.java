package io.elapid.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A failed rank ends the group within a second or the deadline, and all name the first cause. */
class FailureTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final String ADDRESS = " \\(127\\.0\\.0\\.1:\\d+\\) ";

  @AfterEach
  void noThreadOutlivesItsGroup() {
    await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(
                        thread -> thread.getName().matches("elapid-(send|receive|deadlines).*")));
  }

  @Test
  void anAbortReachesRanksThatWaitAndRanksThatComputeWithItsReason() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    long start = System.nanoTime();

    List<Throwable> failures =
        Ranks.failuresOverSockets(
            3,
            TIMEOUT,
            collective -> {
              collective.barrier();
              if (collective.rank() == 1) {
                collective.abort("loss is NaN at step 12");
                told.countDown();
                collective.check();
              } else if (collective.rank() == 2) {
                told.await();
                await().untilAsserted(() -> assertThatThrownBy(collective::check).isNotNull());
              }
              collective.phase("step 12");
              return AllReduceTest.sum(collective, 3, 100_000);
            });

    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
    assertThat(failures.get(1)).hasMessage("loss is NaN at step 12");
    for (int rank : new int[] {0, 2}) {
      assertThat(failures.get(rank).getMessage())
          .matches("rank 1" + ADDRESS + "stopped the run: loss is NaN at step 12");
    }
  }

  @Test
  void aRankThatLeavesWhileOthersWaitForItIsNamed() throws Exception {
    List<Throwable> failures =
        Ranks.failuresOverSockets(
            3,
            TIMEOUT,
            collective -> {
              collective.phase("step 7");
              collective.barrier();
              return collective.rank() == 2 ? null : AllReduceTest.sum(collective, 3, 100_000);
            });

    assertThat(failures.get(2)).isNull();
    assertThat(failures.subList(0, 2))
        .allSatisfy(
            failure ->
                assertThat(failure.getMessage())
                    .containsPattern("rank 2" + ADDRESS + "left the group during .* of step 7"));
  }

  @Test
  void aRankThatComesTooLateIsNamedByTheOthersAtTheDeadline() throws Exception {
    CountDownLatch over = new CountDownLatch(2);

    List<Throwable> failures =
        Ranks.failuresOverSockets(
            3,
            Duration.ofMillis(1500),
            collective -> {
              AllReduceTest.sum(collective, 3, 1000);
              if (collective.rank() == 1) {
                over.await();
              }
              try {
                return AllReduceTest.sum(collective, 3, 1_000_000);
              } finally {
                over.countDown();
              }
            });

    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure.getMessage())
                    .containsPattern("rank 1" + ADDRESS + "did not send what was due within 1.5 s")
                    .doesNotContainPattern("rank [02]" + ADDRESS + "did not"));
  }

  @Test
  void anInterruptedRankStopsAndTellsTheOthers() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    Thread[] zero = new Thread[1];

    List<Throwable> failures =
        Ranks.failuresOverSockets(
            2,
            TIMEOUT,
            collective -> {
              if (collective.rank() == 0) {
                zero[0] = Thread.currentThread();
                waiting.countDown();
              } else {
                waiting.await();
                await().until(() -> zero[0].getState() == Thread.State.TIMED_WAITING);
                zero[0].interrupt();
                await().until(() -> zero[0].getState() != Thread.State.TIMED_WAITING);
              }
              collective.barrier();
              collective.barrier();
              return null;
            });

    assertThat(failures.get(0)).hasMessage("rank 0 was interrupted during barrier");
    assertThat(failures.get(1).getMessage())
        .matches("rank 0" + ADDRESS + "stopped the run: rank 0 was interrupted during barrier");
  }

  @Test
  void ranksThatDoDifferentThingsFailInsteadOfMixingTheirBytes() throws Exception {
    List<Throwable> failures =
        Ranks.failuresOverSockets(
            2,
            TIMEOUT,
            collective -> {
              if (collective.rank() == 0) {
                collective.barrier();
              } else {
                collective.broadcast(1, ByteBuffer.allocate(10));
                collective.barrier();
              }
              collective.barrier();
              return null;
            });

    assertThat(failures.get(0)).hasMessageContaining("the ranks do different things");
    assertThat(failures.get(1)).isInstanceOf(CollectiveException.class);
  }

  /** Rank 0 sums with a rank 1 that has proved itself and then does as the test says. */
  private static Throwable sumWith(Duration timeout, Function<Link, Object> misbehaviour)
      throws Exception {
    Function<Integer, Function<String, List<String>>> exchange = Ranks.exchange(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CountDownLatch over = new CountDownLatch(1);
    try {
      Future<Object> bad =
          threads.submit(
              () -> {
                try (Rendezvous meeting = new Rendezvous(Ranks.settings(TIMEOUT), 1, 2);
                    Link link = meeting.meet(exchange.apply(1))[0]) {
                  Object result = misbehaviour.apply(link);
                  over.await(20, TimeUnit.SECONDS);
                  return result;
                }
              });
      Future<Throwable> good =
          threads.submit(
              () -> {
                try (Collective collective =
                    new FixedTreeAllReduce(
                        Peers.open(Ranks.settings(timeout), exchange.apply(0), 0, 2))) {
                  ByteBuffer data = ByteBuffer.allocateDirect(64 << 20);
                  collective.broadcast(0, data);
                  collective.barrier();
                  return null;
                } catch (CollectiveException e) {
                  return e;
                }
              });
      Throwable thrown = good.get(20, TimeUnit.SECONDS);
      over.countDown();
      bad.get(10, TimeUnit.SECONDS);
      return thrown;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Object send(Link link, Frame frame) {
    try {
      link.send(frame, ByteBuffer.allocate(0));
      return null;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aPeerThatStopsReadingMissesTheDeadlineAndDoesNotHoldUpTheEnd() throws Exception {
    long start = System.nanoTime();

    assertThat(sumWith(SHORT, link -> null).getMessage())
        .matches("rank 1" + ADDRESS + "did not read within 0.5 s during broadcast");
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
  }

  @Test
  void aFrameThatIsTooLargeIsRefusedBeforeAnythingIsAllocated() throws Exception {
    assertThat(
            sumWith(TIMEOUT, l -> send(l, new Frame(Frame.Type.GATHER, 1, 0, 0, Integer.MAX_VALUE)))
                .getMessage())
        .matches("rank 1" + ADDRESS + "sent a frame of 2147483647 bytes, at most .*");
    assertThat(
            sumWith(TIMEOUT, l -> send(l, new Frame(Frame.Type.GATHER, 1, 0, 0, -1))).getMessage())
        .matches("rank 1" + ADDRESS + "sent a frame of -1 bytes, at most .*");
    assertThat(
            sumWith(TIMEOUT, l -> send(l, new Frame(Frame.Type.ABORT, 1, 0, 0, 1 << 20)))
                .getMessage())
        .matches("rank 1" + ADDRESS + "sent a reason of 1048576 bytes.*");
  }

  @Test
  void aFrameThatDoesNotBelongToTheOperationIsRefused() throws Exception {
    assertThat(
            sumWith(TIMEOUT, l -> send(l, new Frame(Frame.Type.RESULT, 1, 9, 0, 4))).getMessage())
        .matches("rank 1" + ADDRESS + "sent a RESULT frame 9/0 of operation 1 during broadcast.*");
  }

  @Test
  void aConnectionThatEndsIsReportedAsClosedByThatPeer() throws Exception {
    Throwable thrown =
        sumWith(
            TIMEOUT,
            link -> {
              link.close();
              return null;
            });

    assertThat(thrown.getMessage())
        .matches("rank 1" + ADDRESS + "closed the connection.* (during broadcast|after start)");
  }

  @Test
  void membersOfOneProcessFailTogetherAndOnTime() throws Exception {
    List<Throwable> late =
        Ranks.failuresInProcess(
            2,
            SHORT,
            collective -> {
              if (collective.rank() == 1) {
                await().untilAsserted(() -> assertThatThrownBy(collective::check).isNotNull());
              }
              collective.barrier();
              return null;
            });
    assertThat(late)
        .allSatisfy(
            failure ->
                assertThat(failure).hasMessageContaining("did not come within 500 ms during"));

    List<Throwable> alone =
        Ranks.failuresInProcess(
            2,
            TIMEOUT,
            collective -> {
              collective.barrier();
              if (collective.rank() == 0) {
                collective.barrier();
              }
              return null;
            });
    assertThat(alone.get(0)).hasMessageStartingWith("rank 1 left the group");

    List<Throwable> aborted =
        Ranks.failuresInProcess(
            2,
            TIMEOUT,
            collective -> {
              if (collective.rank() == 1) {
                collective.abort("disk full");
              }
              collective.barrier();
              return null;
            });
    assertThat(aborted)
        .allSatisfy(failure -> assertThat(failure).hasMessage("rank 1 stopped the run: disk full"));
  }
}
