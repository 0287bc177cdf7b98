package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.collective.CollectiveException;
import io.elapid.collective.InProcess;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.kernel.AcceleratorException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A rank that hangs, or whose peers have failed, is ended from beside. */
@Timeout(60)
class RankWatchTest {
  private final PhaseClock clock = new PhaseClock();
  private volatile boolean cancelled;

  @Test
  void aPhaseThatTakesTooLongIsInterruptedAndNamed() {
    try (RankWatch watch = watch("cluster.step-timeout=300ms")) {
      clock.enter(Phase.COMPUTE);
      assertThatThrownBy(RankWatchTest::hang).isInstanceOf(InterruptedException.class);
      assertThatThrownBy(watch::check)
          .isInstanceOf(DeadlineException.class)
          .hasMessageContaining("computing gradients takes longer than cluster.step-timeout");
      assertThat(watch.cause(new InterruptedException())).isInstanceOf(DeadlineException.class);
    }
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void aDeviceThatIsWaitedForWhenTimeIsUpIsNamedToo() {
    try (RankWatch watch = watch("cluster.step-timeout=300ms")) {
      clock.enter(Phase.COMPUTE);
      assertThatThrownBy(RankWatchTest::hang).isInstanceOf(InterruptedException.class);
      AcceleratorException waiting = new AcceleratorException("a scan on GPU-1: interrupted");
      assertThat(watch.cause(new IllegalStateException("step 7: a scan on GPU-1", waiting)))
          .isInstanceOf(DeadlineException.class)
          .hasMessageContaining("cluster.step-timeout = 0 s: step 7: a scan on GPU-1")
          .hasRootCause(waiting);
    }
  }

  @Test
  void afailureOfTheGroupReachesARankThatComputes() {
    var members = InProcess.group(2, Duration.ofMinutes(1));
    try (RankWatch watch = watch("cluster.step-timeout=1m")) {
      watch.joined(members.get(0));
      clock.enter(Phase.COMPUTE);
      members.get(1).abort("rank 1 failed: no space left");
      assertThatThrownBy(RankWatchTest::hang).isInstanceOf(InterruptedException.class);
      assertThatThrownBy(watch::check)
          .isInstanceOf(CollectiveException.class)
          .hasMessageContaining("no space left");
    } finally {
      members.forEach(member -> member.close());
    }
  }

  @Test
  void aTaskThatSparkCancelsEnds() {
    try (RankWatch watch = watch("cluster.step-timeout=1m")) {
      cancelled = true;
      assertThatThrownBy(RankWatchTest::hang).isInstanceOf(InterruptedException.class);
      assertThatThrownBy(watch::check).hasMessageContaining("cancelled");
    }
  }

  @Test
  void whatIsOnTimeIsLeftAlone() throws Exception {
    try (RankWatch watch = watch("cluster.step-timeout=2s")) {
      for (int i = 0; i < 5; i++) {
        clock.enter(Phase.COMPUTE);
        assertThat(new CountDownLatch(1).await(500, TimeUnit.MILLISECONDS)).isFalse();
        watch.check();
      }
    }
  }

  @Test
  void aCallThatHangsIsGivenUp() {
    assertThatThrownBy(
            () ->
                Deadline.call(
                    Duration.ofMillis(50),
                    "reading the checkpoint X",
                    "checkpoint.timeout",
                    () -> {
                      hang();
                      return "";
                    }))
        .isInstanceOf(DeadlineException.class)
        .hasMessageContaining("reading the checkpoint X took longer than checkpoint.timeout");
  }

  @Test
  void interruptsDoNotKeepARankFromSayingWhatHasHappened() throws Exception {
    Thread rank = Thread.currentThread();
    rank.interrupt();
    String answer =
        Deadline.insist(
            Duration.ofSeconds(30),
            "telling the driver",
            "its limit",
            () -> {
              rank.interrupt();
              Thread.sleep(100);
              return "heard";
            });
    assertThat(answer).isEqualTo("heard");
    assertThat(rank.isInterrupted()).as("the interrupt is kept for later").isTrue();
    assertThatThrownBy(
            () ->
                Deadline.insist(
                    Duration.ofMillis(50),
                    "telling the driver",
                    "its limit",
                    () -> {
                      hang();
                      return "";
                    }))
        .isInstanceOf(DeadlineException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  private static void hang() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  private RankWatch watch(String... overrides) {
    Recipe recipe = RecipeLoader.parse("test", "", List.of(overrides));
    TrainTask task =
        new TrainTask(recipe.render(), null, "", "", "run", 0, new byte[32], null, null);
    return new RankWatch(task, new LoneContext(() -> cancelled), clock, recipe);
  }
}
