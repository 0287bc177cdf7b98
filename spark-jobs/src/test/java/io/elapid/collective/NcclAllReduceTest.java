package io.elapid.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.elapid.backend.cuda.StandIn;
import io.elapid.kernel.Accelerator;
import io.elapid.kernel.AcceleratorProvider;
import io.elapid.kernel.AcceleratorUnavailableException;
import io.elapid.kernel.DeviceSums;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sums over GPUs, on stand-ins for their driver and for NCCL, between two ranks over sockets. */
class NcclAllReduceTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(1_500);
  private static final int LENGTH = 100_003;

  /** One that is otherwise in some respect. */
  private static class Changed implements DeviceSums {
    private final DeviceSums real;

    Changed(DeviceSums real) {
      this.real = real;
    }

    @Override
    public String device() {
      return real.device();
    }

    @Override
    public String library() {
      return real.library();
    }

    @Override
    public byte[] newGroup() {
      return real.newGroup();
    }

    @Override
    public void join(byte[] group, int rank, int size, Patience patience) {
      real.join(group, rank, size, patience);
    }

    @Override
    public void sum(ByteBuffer mine, ByteBuffer sum, Patience patience) {
      real.sum(mine, sum, patience);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @BeforeAll
  static void standIns() throws Exception {
    Assumptions.assumeTrue(StandIn.obstacle().isEmpty(), "the stand-in cannot be built");
    System.setProperty("elapid.cuda.driver", StandIn.library(StandIn.Flavour.FAST).toString());
    System.setProperty("elapid.nccl", StandIn.communicator().toString());
  }

  @AfterAll
  static void realOnes() {
    System.clearProperty("elapid.cuda.driver");
    System.clearProperty("elapid.nccl");
    System.clearProperty(Accelerator.DEVICE);
  }

  private DeviceSums device(int number) throws AcceleratorUnavailableException {
    System.setProperty(Accelerator.DEVICE, Integer.toString(number));
    return AcceleratorProvider.named("cuda").orElseThrow().sums();
  }

  private interface Body<T> {
    T run(NcclAllReduce.Agreement agreed) throws Exception;
  }

  /** What two ranks do that have agreed, or not, to sum by these. */
  private static <T> Ranks.Body<T> agreeing(
      Duration timeout, List<? extends NcclAllReduce.Opening> openings, Body<T> body) {
    return sockets -> {
      NcclAllReduce.Agreement agreed =
          NcclAllReduce.agree(
              (FixedTreeAllReduce) sockets, openings.get(sockets.rank()), SHORT, timeout);
      try (Collective collective = agreed.collective()) {
        collective.phase("step 3");
        return body.run(agreed);
      }
    };
  }

  private static <T> List<T> run(List<? extends NcclAllReduce.Opening> openings, Body<T> body)
      throws Exception {
    return Ranks.overSockets(2, TIMEOUT, agreeing(TIMEOUT, openings, body));
  }

  private static List<NcclAllReduce.Opening> both(DeviceSums zero, DeviceSums one) {
    return List.of(() -> zero, () -> one);
  }

  @Test
  void twoRanksWithHalvesOfTheTreeHaveItsBits() throws Exception {
    float[] expected = AllReduceTest.sum(InProcess.single(), 8, LENGTH);

    List<float[]> sums =
        run(
            both(device(0), device(1)),
            agreed -> {
              assertThat(agreed.obstacle()).isEmpty();
              assertThat(agreed.library()).isEqualTo("NCCL 2.18.5");
              AllReduceTest.sum(agreed.collective(), 8, 10);
              return AllReduceTest.sum(agreed.collective(), 8, LENGTH);
            });

    assertThat(sums).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
  }

  @Test
  void unequalSharesAreTheSameBitsOnBothRanksAndRightUpToRounding() throws Exception {
    double[] exact = new double[LENGTH];
    double[] magnitude = new double[LENGTH];
    for (int i = 0; i < 7; i++) {
      float[] leaf = AllReduceTest.floats(AllReduceTest.leaf(i, LENGTH));
      for (int j = 0; j < LENGTH; j++) {
        exact[j] += leaf[j];
        magnitude[j] += Math.abs(leaf[j]);
      }
    }

    List<float[]> sums =
        run(
            both(device(0), device(1)),
            agreed -> AllReduceTest.sum(agreed.collective(), 7, LENGTH));

    assertThat(sums.get(1)).isEqualTo(sums.get(0));
    for (int j = 0; j < LENGTH; j++) {
      assertThat((double) sums.get(0)[j]).isCloseTo(exact[j], offset(4 * 6e-8 * magnitude[j]));
    }
  }

  @Test
  void stretchesAreSummedAsTheyCome() throws Exception {
    float[] expected = AllReduceTest.sum(InProcess.single(), 4, LENGTH);

    List<float[]> sums =
        run(
            both(device(0), device(1)),
            agreed -> {
              Collective collective = agreed.collective();
              TreeSum tree = TreeSum.forRank(4, collective.rank(), 2, LENGTH);
              int last = tree.first() + 1;
              tree.add(tree.first(), AllReduceTest.leaf(tree.first(), LENGTH));
              ByteBuffer result = AllReduceTest.direct(LENGTH);
              for (int[] stretch : new int[][] {{60_000, LENGTH}, {1, 60_000}, {0, 1}}) {
                tree.add(last, AllReduceTest.leaf(last, LENGTH), stretch[0], stretch[1]);
                collective.allReduce(tree, stretch[0], stretch[1], result);
              }
              return AllReduceTest.floats(result);
            });

    assertThat(sums).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
  }

  /** Both ranks go on over the sockets, to the bits of the tree. */
  private static void assertSockets(List<? extends NcclAllReduce.Opening> openings, String why)
      throws Exception {
    float[] expected = AllReduceTest.sum(InProcess.single(), 7, LENGTH);
    List<float[]> sums =
        run(
            openings,
            agreed -> {
              assertThat(agreed.obstacle()).isEqualTo(why);
              assertThat(agreed.library()).isEmpty();
              assertThat(agreed.collective()).isInstanceOf(FixedTreeAllReduce.class);
              return AllReduceTest.sum(agreed.collective(), 7, LENGTH);
            });
    assertThat(sums).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
  }

  @Test
  void whereOneRankCannotAllTakeTheSockets() throws Exception {
    DeviceSums zero = device(0);
    assertSockets(
        List.of(
            () -> zero,
            () -> {
              throw new AcceleratorUnavailableException("cannot load\nlibnccl.so.2");
            }),
        "rank 1: cannot load libnccl.so.2");
  }

  @Test
  void ranksWithTheSameDeviceTakeTheSockets() throws Exception {
    DeviceSums zero = device(0);
    assertSockets(both(zero, device(0)), "ranks 0 and 1 have the same device, " + zero.device());
  }

  @Test
  void ranksWithOtherVersionsTakeTheSockets() throws Exception {
    DeviceSums newer =
        new Changed(device(1)) {
          @Override
          public String library() {
            return "NCCL 2.27.3";
          }
        };
    assertSockets(both(device(0), newer), "rank 0 has NCCL 2.18.5, rank 1 has NCCL 2.27.3");
  }

  @Test
  void whereNoGroupCanBeMadeAllTakeTheSockets() throws Exception {
    DeviceSums zero =
        new Changed(device(0)) {
          @Override
          public byte[] newGroup() {
            throw new IllegalStateException("no network interface");
          }
        };
    assertSockets(both(zero, device(1)), "rank 0: no network interface");
  }

  @Test
  void whereTheGroupDoesNotComeAboutInTimeAllTakeTheSockets() throws Exception {
    DeviceSums one =
        new Changed(device(1)) {
          @Override
          public void join(byte[] group, int rank, int size, Patience patience) {
            throw new IllegalStateException("no route to rank 0");
          }
        };
    assertSockets(
        both(device(0), one), "rank 0: NCCL 2.18.5 did not bring the ranks together within 1.5 s");
  }

  private List<Throwable> failures(DeviceSums zero, DeviceSums one, Duration timeout)
      throws Exception {
    return Ranks.failuresOverSockets(
        2,
        TIMEOUT,
        agreeing(
            timeout, both(zero, one), agreed -> AllReduceTest.sum(agreed.collective(), 8, LENGTH)));
  }

  @Test
  void aSumThatIsNotFinishedInTimeEndsTheGroup() throws Exception {
    DeviceSums silent =
        new Changed(device(1)) {
          @Override
          public void sum(ByteBuffer mine, ByteBuffer sum, Patience patience) {
            while (true) {
              patience.check();
              Thread.onSpinWait();
            }
          }
        };

    List<Throwable> failures = failures(device(0), silent, SHORT);

    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageContaining(
                        "NCCL 2.18.5 did not finish within 1.5 s during all-reduce of step 3"));
  }

  @Test
  void aFailureOfTheLibraryIsTheCauseOnBothRanks() throws Exception {
    DeviceSums failing =
        new Changed(device(1)) {
          @Override
          public void sum(ByteBuffer mine, ByteBuffer sum, Patience patience) {
            throw new IllegalStateException("the link is down");
          }
        };

    List<Throwable> failures = failures(device(0), failing, TIMEOUT);

    String cause = "rank 1 failed during all-reduce of step 3: the link is down";
    assertThat(failures.get(1)).hasMessage(cause);
    assertThat(failures.get(0).getMessage())
        .matches("rank 1 \\(127\\.0\\.0\\.1:\\d+\\) stopped the run: " + cause);
  }

  @Test
  void aRankThatLeavesIsNamed() throws Exception {
    List<Throwable> failures =
        Ranks.failuresOverSockets(
            2,
            TIMEOUT,
            agreeing(
                TIMEOUT,
                both(device(0), device(1)),
                agreed ->
                    agreed.collective().rank() == 1
                        ? null
                        : AllReduceTest.sum(agreed.collective(), 8, LENGTH)));

    assertThat(failures.get(1)).isNull();
    assertThat(failures.get(0).getMessage())
        .containsPattern("rank 1 .* left the group during all-reduce of step 3");
  }

  @Test
  void anInterruptedRankStopsAndTellsTheOther() throws Exception {
    DeviceSums interrupted =
        new Changed(device(1)) {
          @Override
          public void sum(ByteBuffer mine, ByteBuffer sum, Patience patience) {
            Thread.currentThread().interrupt();
            patience.check();
          }
        };

    List<Throwable> failures = failures(device(0), interrupted, TIMEOUT);

    assertThat(failures.get(1)).hasMessage("rank 1 was interrupted during all-reduce of step 3");
    assertThat(failures.get(0)).hasMessageContaining("stopped the run: rank 1 was interrupted");
  }

  @Test
  void ranksThatSumOtherVectorsAreToldSo() throws Exception {
    List<Throwable> failures =
        Ranks.failuresOverSockets(
            2,
            TIMEOUT,
            agreeing(
                TIMEOUT,
                both(device(0), device(1)),
                agreed ->
                    AllReduceTest.sum(
                        agreed.collective(), 8, LENGTH + agreed.collective().rank())));

    assertThat(failures.get(0)).hasMessageContaining("sum other vectors");
    assertThat(failures.get(1)).hasMessageContaining("sum other vectors");
  }

  @Test
  void closingEndsASumOfAnotherThreadFirstAndTheOtherRankNamesTheOneThatLeft() throws Exception {
    CountDownLatch summing = new CountDownLatch(1);
    DeviceSums waiting =
        new Changed(device(0)) {
          @Override
          public void sum(ByteBuffer mine, ByteBuffer sum, Patience patience) {
            summing.countDown();
            while (true) {
              patience.check();
              Thread.onSpinWait();
            }
          }
        };

    List<Throwable> failures =
        Ranks.failuresOverSockets(
            2,
            TIMEOUT,
            agreeing(
                TIMEOUT,
                both(waiting, device(1)),
                agreed -> {
                  Collective collective = agreed.collective();
                  if (collective.rank() == 1) {
                    return AllReduceTest.sum(collective, 8, LENGTH);
                  }
                  ExecutorService closer = Executors.newSingleThreadExecutor();
                  Future<?> closed =
                      closer.submit(
                          () -> {
                            summing.await();
                            collective.close();
                            return null;
                          });
                  assertThatThrownBy(() -> AllReduceTest.sum(collective, 8, LENGTH))
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessage("the group is closed");
                  closed.get(10, TimeUnit.SECONDS);
                  closer.shutdown();
                  return new float[0];
                }));

    assertThat(failures.get(0)).isNull();
    assertThat(failures.get(1).getMessage())
        .matches("rank 0 \\(127\\.0\\.0\\.1:\\d+\\) left the group during all-reduce of step 3");
  }
}
