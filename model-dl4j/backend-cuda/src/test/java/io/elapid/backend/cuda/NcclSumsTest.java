package io.elapid.backend.cuda;

import static io.elapid.backend.cuda.LimitedPatience.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceSums;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums over GPUs, on stand-ins for the driver and for NCCL; ranks are threads. */
@Tag(StandInCondition.TAG)
class NcclSumsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int REMOTE_ERROR = 6;

  private interface Body<T> {
    T run(DeviceSums sums, int rank) throws Exception;
  }

  @BeforeEach
  void standIn() throws Exception {
    System.setProperty(Nccl.LIBRARY, StandIn.communicator().toString());
  }

  @AfterEach
  void realOne() throws Exception {
    plant("standinBreak", 0);
    plant("standinVersion", 21_805);
    System.clearProperty(Nccl.LIBRARY);
  }

  private static void plant(String function, int value) throws Exception {
    NativeLibrary library = NativeLibrary.open(StandIn.communicator().toString());
    NativeLibrary.call(library.function(function, "I"), value);
  }

  /** Ranks that have joined a group. */
  private static <T> List<T> ranks(int size, Body<T> body) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(size);
    List<DeviceSums> all = new ArrayList<>();
    try {
      for (int rank = 0; rank < size; rank++) {
        all.add(NcclSums.open(new DeviceAddress(Integer.toString(rank % 2))));
      }
      byte[] group = all.get(0).newGroup();
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        int rank = i;
        futures.add(
            threads.submit(
                () -> {
                  all.get(rank).join(group, rank, size, until(LIMIT));
                  return body.run(all.get(rank), rank);
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get(60, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
      all.forEach(DeviceSums::close);
    }
  }

  private static ByteBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  /** Values that are whole, so that their sums are exact in any order. */
  private static float value(int rank, int at) {
    return (rank + 1) * (at % 1000) - 7 * rank;
  }

  private static ByteBuffer vector(int rank, int length) {
    ByteBuffer vector = direct(length);
    for (int i = 0; i < length; i++) {
      vector.putFloat(value(rank, i));
    }
    return vector.flip();
  }

  @ParameterizedTest
  @CsvSource({"1, 5", "2, 0", "2, 1", "2, 70001", "2, 3145733", "3, 1000"})
  void everyRankHasTheSum(int size, int length) throws Exception {
    List<ByteBuffer> sums =
        ranks(
            size,
            (rank, number) -> {
              ByteBuffer sum = direct(length);
              // what is larger than before, what is as large, and in place
              rank.sum(vector(number, length / 2), direct(length / 2), until(LIMIT));
              rank.sum(vector(number, length), sum, until(LIMIT));
              ByteBuffer same = vector(number, length);
              rank.sum(same, same, until(LIMIT));
              assertThat(same).isEqualTo(sum);
              return sum;
            });

    for (ByteBuffer sum : sums) {
      for (int i = 0; i < length; i++) {
        float expected = 0;
        for (int rank = 0; rank < size; rank++) {
          expected += value(rank, i);
        }
        assertThat(sum.getFloat(i * Float.BYTES)).isEqualTo(expected);
      }
    }
  }

  @Test
  void onlyWhatRemainsIsSummedAndNothingAroundItChanges() throws Exception {
    List<ByteBuffer> sums =
        ranks(
            2,
            (rank, number) -> {
              ByteBuffer sum = vector(5, 10);
              rank.sum(vector(number, 10).position(8).limit(24), sum.position(12), until(LIMIT));
              return sum.clear();
            });

    for (ByteBuffer sum : sums) {
      for (int i = 0; i < 10; i++) {
        boolean inside = i >= 3 && i < 7;
        float expected = inside ? value(0, i - 1) + value(1, i - 1) : value(5, i);
        assertThat(sum.getFloat(i * Float.BYTES)).isEqualTo(expected);
      }
    }
  }

  @Test
  void kernelsOfTheSameDeviceRunMeanwhile() throws Exception {
    Device device = Device.open(Driver.load(), new DeviceAddress("0"));
    try {
      ranks(
          3,
          (rank, number) -> {
            for (int round = 0; round < 30; round++) {
              if (number == 2) {
                assertSumOfSlices(device);
              }
              ByteBuffer sum = direct(100_000);
              rank.sum(vector(number, 100_000), sum, until(LIMIT));
              float expected = value(0, 999) + value(1, 999) + value(2, 999);
              assertThat(sum.getFloat(999 * Float.BYTES)).isEqualTo(expected);
            }
            return number;
          });
    } finally {
      device.close();
    }
  }

  private static void assertSumOfSlices(Device device) {
    Tensor from = Tensor.zeros(ElementType.FLOAT, 2000);
    Tensor to = Tensor.zeros(ElementType.FLOAT, 1000);
    for (int i = 0; i < 2000; i++) {
      from.put(i, i);
    }
    try (Frame frame = new Frame(device, "sum")) {
      frame.sumSlices(frame.in(from), 2, 1000, frame.out(to));
      frame.finish();
    }
    assertThat(to.at(999)).isEqualTo(999 + 1999);
  }

  @Test
  void aRankThatDoesNotComeCostsThePatienceAndTheGroup() throws Exception {
    ranks(
        2,
        (rank, number) -> {
          if (number == 0) {
            ByteBuffer vector = vector(0, 1000);
            assertThatThrownBy(() -> rank.sum(vector, vector, until(Duration.ofMillis(300))))
                .isInstanceOf(LimitedPatience.GaveUpException.class);
            assertThatThrownBy(() -> rank.sum(vector, vector, until(LIMIT)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("is in no group");
          }
          return number;
        });
  }

  @Test
  void aGroupThatDoesNotComeAboutCostsThePatience() throws Exception {
    try (NcclSums alone = NcclSums.open(new DeviceAddress("0"))) {
      byte[] group = alone.newGroup();
      assertThatThrownBy(() -> alone.join(group, 0, 2, until(Duration.ofMillis(300))))
          .isInstanceOf(LimitedPatience.GaveUpException.class);
      assertThatThrownBy(() -> alone.join(group, 7, 2, until(LIMIT)))
          .isInstanceOf(CudaException.class)
          .hasMessageContaining("ncclCommInitRankConfig of rank 7 of 2: ")
          .hasMessageContaining("(");
    }
  }

  @Test
  void anAbortThatHangsIsNotWaitedForForever() throws Exception {
    NcclSums alone = NcclSums.open(new DeviceAddress("0"));
    byte[] group = alone.newGroup();
    plant("standinHang", 1);
    System.setProperty(Accelerator.PATIENCE, "1");
    try {
      assertThatThrownBy(() -> alone.join(group, 0, 2, until(Duration.ofMillis(300))))
          .isInstanceOf(LimitedPatience.GaveUpException.class)
          .satisfies(
              failure ->
                  assertThat(failure.getSuppressed()[0])
                      .hasMessage(
                          "ncclCommAbort: not done after 1 s, which -Delapid.device.patience"
                              + " allows"));
      alone.close();
    } finally {
      System.clearProperty(Accelerator.PATIENCE);
      plant("standinHang", 0);
    }
  }

  @Test
  void aFailureHasTheLibrarysWordsAndTheDevice() throws Exception {
    ranks(
        1,
        (rank, number) -> {
          plant("standinBreak", REMOTE_ERROR);
          ByteBuffer vector = vector(0, 1000);
          assertThatThrownBy(() -> rank.sum(vector, vector, until(LIMIT)))
              .isInstanceOf(CudaException.class)
              .hasMessage(
                  "NCCL 2.18.5 on %s: NCCL: remote process exited or there was a network error (6):"
                      + " planted",
                  rank.device());
          return number;
        });
  }

  @Test
  void sayWhatIsMissing() throws Exception {
    assertThatThrownBy(() -> NcclSums.open(new DeviceAddress("5")))
        .isInstanceOf(AcceleratorUnavailableException.class)
        .hasMessageContaining("no GPU 5");
    plant("standinVersion", 21_104);
    assertThatThrownBy(() -> NcclSums.open(new DeviceAddress("0")))
        .isInstanceOf(AcceleratorUnavailableException.class)
        .hasMessage("NCCL 2.11.4 is older than 2.14");
    System.setProperty(Nccl.LIBRARY, "libnone.so.2");
    assertThatThrownBy(() -> NcclSums.open(new DeviceAddress("0")))
        .isInstanceOf(AcceleratorUnavailableException.class)
        .hasMessageContaining("cannot load libnone.so.2");
    System.setProperty(Nccl.LIBRARY, "libm.so.6");
    assertThatThrownBy(() -> NcclSums.open(new DeviceAddress("0")))
        .hasMessage("libm.so.6 has no ncclGetVersion: it is too old");
  }

  @Test
  void devicesAndVersionsHaveNames() throws Exception {
    try (NcclSums sums = NcclSums.open(new DeviceAddress("1"))) {
      assertThat(sums.device()).isEqualTo(Driver.load().deviceUuid(1));
      assertThat(sums.library()).isEqualTo("NCCL 2.18.5");
    }
  }
}
