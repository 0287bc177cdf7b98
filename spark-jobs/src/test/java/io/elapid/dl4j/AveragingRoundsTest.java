package io.elapid.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rounds of DL4J's averaging on two threads of Spark, of which each task may fail once. */
final class AveragingRoundsTest {
  private static final long FAR = 3_000_000_017L;

  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2,2]")
                .setAppName("rounds")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  /** Worker 0 counts by 1, worker 1 by 2; the second number is the step. */
  private static double count(int worker, ByteBuffer state, long step) {
    FloatBuffer numbers = state.asFloatBuffer();
    numbers.put(0, numbers.get(0) + worker + 1);
    numbers.put(1, (float) (step - FAR));
    return worker;
  }

  private static double[] train(StateStep step, int... rounds) {
    try (AveragingRounds state = new AveragingRounds(spark, 2, 2, 3, step)) {
      ByteBuffer numbers = floats(10, 0);
      state.load(numbers);
      long first = FAR;
      for (int steps : rounds) {
        state.run(spark.parallelize(List.of(0, 1), 2), first, steps);
        first += steps;
      }
      state.store(numbers);
      return new double[] {numbers.asFloatBuffer().get(0), numbers.asFloatBuffer().get(1)};
    }
  }

  private static ByteBuffer floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  @Test
  void workersStepApartAndEndWithTheirMean() {
    assertThat(train((worker, step, state) -> count(worker, state, step), 3, 2))
        .containsExactly(10 + 3 * 1.5 + 2 * 1.5, 4);
  }

  @Test
  void aTaskThatIsTriedAgainCountsOnce() {
    StateStep failing =
        (worker, step, state) -> {
          if (worker == 1 && step == FAR + 2 && TaskContext.get().attemptNumber() == 0) {
            throw new IllegalStateException("only once");
          }
          return count(worker, state, step);
        };

    assertThat(train(failing, 3)).containsExactly(10 + 3 * 1.5, 2);
  }

  @Test
  void aRoundThatFailsLeavesTheStateAsItWasAndNamesTheCause() {
    StateStep failing =
        (worker, step, state) -> {
          count(worker, state, step);
          throw new IllegalStateException("worker %d cannot go on".formatted(worker));
        };
    try (AveragingRounds rounds = new AveragingRounds(spark, 2, 2, 3, failing)) {
      rounds.load(floats(7, 8));

      assertThatThrownBy(() -> rounds.run(spark.parallelize(List.of(0, 1), 2), 0, 3))
          .hasMessageContaining("cannot go on");
      ByteBuffer after = floats(0, 0);
      rounds.store(after);
      assertThat(after).isEqualTo(floats(7, 8));
    }
  }

  @Test
  void aRoundLongerThanWasSaidIsRefused() {
    assertThatThrownBy(() -> train((worker, step, state) -> 0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4 steps in a round of 3");
  }
}
