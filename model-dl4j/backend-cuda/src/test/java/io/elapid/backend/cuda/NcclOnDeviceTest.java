package io.elapid.backend.cuda;

import static io.elapid.backend.cuda.LimitedPatience.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What a single GPU shows of sums by the real library: a group of one, and how groups of two end
 * that cannot come about.
 */
@Tag("gpu")
@EnabledIfSystemProperty(named = StandInSession.GPU, matches = "true")
class NcclOnDeviceTest {
  private static NcclSums open() throws Exception {
    return NcclSums.open(new DeviceAddress("0"));
  }

  @BeforeEach
  void sayWhatIsUsed() throws Exception {
    try (NcclSums sums = open()) {
      System.out.printf("%s on %s%n", sums.library(), sums.device());
    }
  }

  @Test
  void aGroupOfOneHasItsOwnVector() throws Exception {
    int floats = 3_145_733;
    ByteBuffer mine =
        ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.nativeOrder());
    for (int i = 0; i < floats; i++) {
      mine.putFloat(i * 0.25f);
    }
    mine.flip();
    ByteBuffer sum = ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.nativeOrder());
    try (NcclSums sums = open()) {
      sums.join(sums.newGroup(), 0, 1, until(Duration.ofSeconds(60)));
      sums.sum(mine, sum, until(Duration.ofSeconds(30)));
      assertThat(sum.clear()).isEqualTo(mine.clear());
      sums.sum(mine, mine, until(Duration.ofSeconds(30)));
      assertThat(mine.clear()).isEqualTo(sum);
    }
  }

  @Test
  void aRankThatDoesNotComeCostsThePatienceOnly() throws Exception {
    try (NcclSums sums = open()) {
      long start = System.nanoTime();
      assertThatThrownBy(() -> sums.join(sums.newGroup(), 0, 2, until(Duration.ofSeconds(5))))
          .isInstanceOf(LimitedPatience.GaveUpException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      // and another group can be joined then
      sums.join(sums.newGroup(), 0, 1, until(Duration.ofSeconds(60)));
    }
  }

  /** Ranks agree that their devices differ before they come here; the library says so too. */
  @Test
  void twoRanksOfOneDeviceAreRefusedInTheLibrarysWords() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (NcclSums one = open();
        NcclSums other = open()) {
      byte[] group = one.newGroup();
      Future<?> first = threads.submit(() -> one.join(group, 0, 2, until(Duration.ofSeconds(60))));
      Future<?> second =
          threads.submit(() -> other.join(group, 1, 2, until(Duration.ofSeconds(60))));
      for (Future<?> rank : new Future<?>[] {first, second}) {
        assertThatThrownBy(() -> rank.get(90, TimeUnit.SECONDS))
            .cause()
            .isInstanceOf(CudaException.class)
            .hasMessageContaining("NCCL")
            .hasMessageContaining(one.device());
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
