package io.elapid.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  private static final long MUCH = 1_000_000;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void everyItemIsDoneOnceBeforeTheCallReturns(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int items : new int[] {0, 1, 2, 5, 100}) {
        AtomicIntegerArray done = new AtomicIntegerArray(items);
        workers.forEach(
            items,
            MUCH,
            (from, to) -> {
              for (int i = from; i < to; i++) {
                done.incrementAndGet(i);
              }
            });
        for (int i = 0; i < items; i++) {
          assertThat(done.get(i)).isEqualTo(1);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aFailureReachesTheCallerWhicheverThreadItHappensOn(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int bad : new int[] {0, 9}) {
        assertThatThrownBy(
                () ->
                    workers.forEach(
                        10,
                        MUCH,
                        (from, to) -> {
                          if (from <= bad && bad < to) {
                            throw new IllegalArgumentException("item " + bad);
                          }
                        }))
            .hasStackTraceContaining("item " + bad);
      }
    }
  }
}
