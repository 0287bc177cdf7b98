package io.elapid.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
  private static final float[] SCALES = {1e-9f, 1e-8f, 1e-7f, 1e-6f, 1e-5f, 1e-4f};

  static ByteBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(floats * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  /** A leaf whose values differ so much in size that the order of additions shows in the sum. */
  static ByteBuffer leaf(int index, int length) {
    ByteBuffer leaf = direct(length);
    for (int i = 0; i < length; i++) {
      long bits = (((long) index << 32) + i + 1) * 0x9E3779B97F4A7C15L;
      bits ^= bits >>> 29;
      leaf.putFloat((int) bits * SCALES[(int) (bits >>> 40) % SCALES.length]);
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

  /** The specification: a node is the sum of its left and its right child. */
  private static float[] specified(int leaves, int length) {
    TreeShape tree = new TreeShape(leaves);
    return specified(tree, tree.root(), length);
  }

  private static float[] specified(TreeShape tree, TreeShape.Node node, int length) {
    if (node.leaves() == 1) {
      return floats(leaf(node.low(), length));
    }
    float[] left = specified(tree, tree.left(node), length);
    float[] right = specified(tree, tree.right(node), length);
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
    float[] expected = specified(leaves, length);

    assertThat(Ranks.inProcess(ranks, TIMEOUT, c -> sum(c, leaves, length)))
        .allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
    assertThat(Ranks.overSockets(ranks, TIMEOUT, c -> sum(c, leaves, length)))
        .allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 65535, 65537, 300001, 2_000_003})
  void vectorsOfAnyLengthAreSummedRepeatedly(int length) throws Exception {
    float[] expected = specified(6, length);

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
  void theOrderOfAdditionsShowsInTheSumsOfTheseTests() {
    float[] inARow = new float[1003];
    for (int i = 0; i < 16; i++) {
      float[] leaf = floats(leaf(i, inARow.length));
      for (int j = 0; j < leaf.length; j++) {
        inARow[j] += leaf[j];
      }
    }

    assertThat(inARow).isNotEqualTo(specified(16, inARow.length));
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
      assertThat((double) sum[j]).isCloseTo(exact[j], offset(4 * 6e-8 * magnitude[j]));
    }
  }

  static Stream<Arguments> sharesOfBatches() {
    return Stream.of(8, 12, 24)
        .flatMap(v -> IntStream.rangeClosed(1, 8).mapToObj(ranks -> Arguments.of(ranks, v)));
  }

  @ParameterizedTest
  @MethodSource("sharesOfBatches")
  void theBytesOnTheWireAreTheLeastPossibleAndTheBitsTheSame(int ranks, int leaves)
      throws Exception {
    int length = 400_000;
    float[] expected = specified(leaves, length);

    List<Long> sent =
        Ranks.overSockets(
            ranks,
            TIMEOUT,
            collective -> {
              TreeSum sum = TreeSum.forRank(leaves, collective.rank(), ranks, length);
              sum(collective, sum);
              long before = collective.bytesSent();
              assertThat(sum(collective, sum)).isEqualTo(expected);
              return collective.bytesSent() - before;
            });

    double least = 2.0 * (ranks - 1) / ranks * length * Float.BYTES;
    assertThat(sent)
        .allSatisfy(bytes -> assertThat((double) bytes).isBetween(0.999 * least, 1.01 * least));
  }

  @Test
  void anyNumberOfRanksMaySumEvenIfTheirSharesCrossInTheTree() throws Exception {
    int length = 5_003;
    float[] expected = specified(33, length);

    for (int ranks : new int[] {9, 11}) {
      assertThat(Ranks.overSockets(ranks, TIMEOUT, c -> sum(c, 33, length)))
          .allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void stretchesOfTheLastLeafAreSummedAsTheyCome(int ranks) throws Exception {
    int length = 700_001;
    int[] ends = {length, 500_000, 499_999, 13, 0};
    float[] expected = specified(7, length);
    Ranks.Body<float[]> body =
        collective -> {
          TreeSum sum = TreeSum.forRank(7, collective.rank(), ranks, length);
          ByteBuffer result = direct(length);
          for (int round = 0; round < 2; round++) {
            sum.reset();
            int last = sum.first() + sum.count() - 1;
            for (int i = sum.first(); i < last; i++) {
              sum.add(i, leaf(i, length));
            }
            ByteBuffer leaf = leaf(last, length);
            for (int i = 1; i < ends.length; i++) {
              sum.add(last, leaf, ends[i], ends[i - 1]);
              collective.allReduce(sum, ends[i], ends[i - 1], result);
            }
          }
          return floats(result);
        };

    assertThat(Ranks.overSockets(ranks, TIMEOUT, body))
        .allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
    assertThat(Ranks.inProcess(ranks, TIMEOUT, body))
        .allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
  }

  @Test
  void whatIsNotThereYetIsNotSummed() {
    TreeSum sum = new TreeSum(2, 0, 2, 10);
    sum.add(0, leaf(0, 10));
    sum.add(1, leaf(1, 10), 4, 7);

    assertThat(sum.complete()).isFalse();
    assertThat(sum.parts(4, 7)).hasSize(1);
    assertThatThrownBy(() -> sum.parts(3, 7)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> sum.parts(0, 10)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void tenMillionFloatsAreSummed() throws Exception {
    int length = 10_000_000;
    ByteBuffer ones = direct(length);
    while (ones.hasRemaining()) {
      ones.putFloat(1);
    }
    ones.flip();

    List<Boolean> right =
        Ranks.overSockets(
            2,
            TIMEOUT,
            collective -> {
              TreeSum sum = TreeSum.forRank(4, collective.rank(), 2, length);
              sum.add(sum.first(), ones);
              sum.add(sum.first() + 1, ones);
              ByteBuffer result = direct(length);
              collective.allReduce(sum, result);
              FloatBuffer floats = result.asFloatBuffer();
              return IntStream.range(0, length).allMatch(i -> floats.get(i) == 4);
            });

    assertThat(right).containsExactly(true, true);
  }

  @Test
  void sharesThatDoNotFitTogetherFailOnEveryRankAndSayHow() throws Exception {
    List<Throwable> failures =
        Ranks.failuresOverSockets(
            2, TIMEOUT, c -> sum(c, new TreeSum(4, 2 * c.rank(), 2 - c.rank(), 10)));

    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageContaining("the ranks hold 3 of 4 leaves"));
  }

  @Test
  void leavesOutOfOrderAndVectorsOfTheWrongLengthAreRefused() {
    TreeSum sum = new TreeSum(8, 2, 3, 5);

    assertThatThrownBy(() -> sum.add(3, direct(5))).hasMessageContaining("expected 2");
    assertThatThrownBy(() -> sum.add(2, direct(4))).hasMessageContaining("4 floats, expected 5");
    assertThatThrownBy(() -> InProcess.single().allReduce(sum, direct(5)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () -> InProcess.single().allReduce(new TreeSum(1, 0, 0, 5), ByteBuffer.allocate(20)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
