package io.elapid.collective;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums over the fixed tree: the same bits whatever the number of ranks. */
class AllReduceTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  static ByteBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  /** A leaf whose values differ so much in size that the order of additions shows in the sum. */
  static ByteBuffer leaf(int index, int length) {
    Random random = new Random(1000L * length + index);
    ByteBuffer leaf = direct(length);
    for (int i = 0; i < length; i++) {
      leaf.putFloat((float) (random.nextGaussian() * Math.pow(10, random.nextInt(6))));
    }
    return leaf.flip();
  }

  static float[] floats(ByteBuffer buffer) {
    FloatBuffer view = buffer.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    float[] floats = new float[view.remaining()];
    view.get(floats);
    return floats;
  }

  static float[] sum(Collective collective, int leaves, int length) {
    TreeSum sum = TreeSum.forRank(leaves, collective.rank(), collective.size(), length);
    return sum(collective, sum);
  }

  private static float[] sum(Collective collective, TreeSum sum) {
    for (int i = sum.first(); i < sum.first() + sum.count(); i++) {
      sum.add(i, leaf(i, sum.length()));
    }
    ByteBuffer result = direct(sum.length());
    collective.allReduce(sum, result);
    return floats(result);
  }

  /**
   * The specification: recursive halving at the largest power of two below the number of leaves.
   */
  private static float[] specified(int low, int high, int length) {
    if (high - low == 1) {
      return floats(leaf(low, length));
    }
    int middle = low + 1;
    while (2 * (middle - low) < high - low) {
      middle = low + 2 * (middle - low);
    }
    float[] left = specified(low, middle, length);
    float[] right = specified(middle, high, length);
    for (int i = 0; i < length; i++) {
      left[i] += right[i];
    }
    return left;
  }

  static Stream<Arguments> shapes() {
    return IntStream.rangeClosed(1, 5)
        .boxed()
        .flatMap(ranks -> IntStream.rangeClosed(ranks, 16).mapToObj(v -> Arguments.of(ranks, v)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void everyRankHasTheBitsOfTheTreeForAnyNumberOfRanksAndLeaves(int ranks, int leaves)
      throws Exception {
    int length = 1003;
    float[] expected = specified(0, leaves, length);

    assertThat(Ranks.inProcess(ranks, TIMEOUT, c -> sum(c, leaves, length)))
        .allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
    assertThat(Ranks.overSockets(ranks, TIMEOUT, c -> sum(c, leaves, length)))
        .allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 65535, 65537, 300001, 2_000_003})
  void vectorsOfAnyLengthAreSummedRepeatedly(int length) throws Exception {
    float[] expected = specified(0, 6, length);

    List<float[]> sums =
        Ranks.overSockets(
            3,
            TIMEOUT,
            collective -> {
              TreeSum sum = TreeSum.forRank(6, collective.rank(), 3, length);
              sum(collective, sum);
              sum(collective, sum);
              return sum(collective, sum);
            });

    assertThat(sums).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
  }

  @Test
  void theSumAgreesWithDoublesUpToRounding() throws Exception {
    int leaves = 16;
    int length = 4096;
    double[] exact = new double[length];
    double[] magnitude = new double[length];
    for (int i = 0; i < leaves; i++) {
      float[] leaf = floats(leaf(i, length));
      Arrays.setAll(exact, j -> exact[j] + leaf[j]);
      Arrays.setAll(magnitude, j -> magnitude[j] + Math.abs(leaf[j]));
    }

    float[] sum = Ranks.overSockets(3, TIMEOUT, c -> sum(c, leaves, length)).get(0);

    for (int j = 0; j < length; j++) {
      assertThat((double) sum[j]).isCloseTo(exact[j], within(4 * 6e-8 * magnitude[j]));
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }
}
