package io.elapid.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How long warming up takes. */
class WarmUpTest {
  private static final double BUSY = 0.2;

  @Test
  void compilersMustBeQuietForAWhile() {
    Iterator<Double> shares = List.of(BUSY, 0.001, BUSY, 0.0, 0.009).iterator();
    assertThat(WarmUp.untilCompiled(runs -> shares.next())).hasValue(50);
    assertThat(shares.hasNext()).isFalse();
  }

  @Test
  void compilersThatNeverRestAreNotWaitedForForever() {
    AtomicInteger runs = new AtomicInteger();
    assertThat(
            WarmUp.untilCompiled(
                more -> {
                  runs.addAndGet(more);
                  return BUSY;
                }))
        .isEmpty();
    assertThat(runs).hasValue(WarmUp.MOST);
  }

  @Test
  void whatWasRunIsCounted() {
    AtomicInteger runs = new AtomicInteger();
    int told = WarmUp.untilCompiled((Runnable) runs::incrementAndGet).orElse(WarmUp.MOST);
    assertThat(runs).hasValue(told);
    assertThat(told).isBetween(20, WarmUp.MOST);
  }

  @Test
  void theClockSeesCompilersAtWork() throws Exception {
    WarmUp.Clock clock = new WarmUp.Clock();
    double most = 0;
    for (int i = 0; i < 200 && most == 0; i++) {
      for (int k = 0; k < 20_000; k++) { // often enough to be compiled
        assertThat("a" + i + k).isNotEmpty();
      }
      most = Math.max(most, clock.compiling());
    }
    assertThat(most).isPositive();
  }
}
