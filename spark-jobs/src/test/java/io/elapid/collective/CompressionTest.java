package io.elapid.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent and what is kept back add up to what there was; sums over time are right. */
class CompressionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  static Stream<Compression> compressions() {
    return Stream.of(
        new HalfPrecision(),
        new TopK(0.01),
        new TopK(1),
        new Threshold(1e-3f),
        new Threshold(1e-6f));
  }

  private static float[] gradients(long seed, int length) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (random.nextGaussian() * 1e-3 * Math.exp(random.nextGaussian()));
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void messageAndRestAddUpToTheValues(Compression compression) {
    for (int length : new int[] {0, 1, 3, 4, 5, 10_000}) {
      float[] values = gradients(length, length);
      float[] rest = values.clone();
      float[] decoded = new float[length];

      compression.addDecoded(compression.encode(rest), decoded);

      for (int i = 0; i < length; i++) {
        assertThat((double) decoded[i] + rest[i])
            .isCloseTo(values[i], offset((double) Math.ulp(values[i])));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void theSameValuesGiveTheSameMessage(Compression compression) {
    assertThat(compression.encode(gradients(1, 5000)))
        .isEqualTo(compression.encode(gradients(1, 5000)));
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void whatIsNotFiniteIsNamedAndNotSwallowed(Compression compression) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] values = gradients(1, 100);
      values[17] = bad;
      assertThatThrownBy(() -> compression.encode(values))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("element 17 is " + bad);
    }
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void aMessageThatDoesNotFitIsRefused(Compression compression) {
    for (byte[] message : List.of(new byte[7], filled(9), filled(13), filled(102))) {
      assertThatThrownBy(() -> compression.addDecoded(message, new float[50]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static byte[] filled(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0x7e);
    return bytes;
  }

  @Test
  void halvesAreThoseOfTheStandard() {
    float[] values = {0, 1, -2, 65504, 0x1p-14f, 0x1p-24f, 0x1.8p-24f, 0x1p-25f, 0x1.004p0f, 0.1f};
    int[] halves = {0, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x0002, 0x0000, 0x3c01, 0x2e66};
    for (int i = 0; i < values.length; i++) {
      assertThat(HalfPrecision.toHalf(values[i]) & 0xffff).isEqualTo(halves[i]);
    }
    for (int half = 0; half < 0x7c00; half++) {
      assertThat(HalfPrecision.toHalf(HalfPrecision.toFloat((short) half))).isEqualTo((short) half);
    }
  }

  @Test
  void theLargestAreSentAndOfEqualsTheFirst() {
    float[] values = {1, -3, 2, 3, -2, 2};

    byte[] message = new TopK(0.5).encode(values);

    ByteBuffer in = ByteBuffer.wrap(message);
    assertThat(new float[] {in.getInt(), in.getFloat()}).containsExactly(1, -3);
    assertThat(new float[] {in.getInt(), in.getFloat()}).containsExactly(2, 2);
    assertThat(new float[] {in.getInt(), in.getFloat()}).containsExactly(3, 3);
    assertThat(in.hasRemaining()).isFalse();
    assertThat(values).containsExactly(1, 0, 0, 0, -2, 2);
  }

  @Test
  void stepsAreSentAsIndicesWhereFewAndAsBytesWhereMany() {
    float[] few = new float[1000];
    few[7] = 0.5f;
    few[8] = 0.4f;
    few[900] = -1.75f;
    byte[] message = new Threshold(0.5f).encode(few);
    assertThat(message).hasSize(1 + 4 * Integer.BYTES);
    assertThat(few[7]).isZero();
    assertThat(few[8]).isEqualTo(0.4f);
    assertThat(few[900]).isEqualTo(-0.25f);
    float[] decoded = new float[1000];
    new Threshold(0.5f).addDecoded(message, decoded);
    assertThat(decoded[7]).isEqualTo(0.5f);
    assertThat(decoded[900]).isEqualTo(-1.5f);

    float[] many = new float[1000];
    Arrays.fill(many, 2);
    assertThat(new Threshold(0.5f).encode(many)).hasSize(1 + 1000);
  }

  /** A compression, and what it may keep back for ever, in the largest sum of a round. */
  static Stream<Arguments> debts() {
    return Stream.of(
        Arguments.of(new HalfPrecision(), 1e-2),
        Arguments.of(new TopK(1), 1e-3),
        Arguments.of(new TopK(0.1), 15.0),
        Arguments.of(new Threshold(0.02f), 10.0));
  }

  @ParameterizedTest
  @MethodSource("debts")
  void sumsOverTimeAreRightUpToABoundedDebtAndTheSameOnAllRanks(
      Compression compression, double debt) throws Exception {
    int length = 3_000;
    int rounds = 150;
    double[] exact = new double[length];
    for (int rank = 0; rank < 3; rank++) {
      float[] values = gradients(rank, length);
      Arrays.setAll(exact, i -> exact[i] + values[i]);
    }
    double largest = Arrays.stream(exact).map(Math::abs).max().orElseThrow();

    List<float[][]> ranks =
        Ranks.overSockets(
            3,
            TIMEOUT,
            collective -> {
              CompressedSum sum = new CompressedSum(collective, compression, length);
              ByteBuffer vector = AllReduceTest.direct(length);
              vector.asFloatBuffer().put(gradients(collective.rank(), length));
              ByteBuffer result = AllReduceTest.direct(length);
              float[][] sums = new float[rounds][];
              for (int round = 0; round < rounds; round++) {
                sum.sum(vector, result);
                sums[round] = AllReduceTest.floats(result);
              }
              return sums;
            });

    double[] reached = new double[length];
    for (int round = 0; round < rounds; round++) {
      float[] sum = ranks.get(0)[round];
      assertThat(ranks.get(1)[round]).isEqualTo(sum);
      assertThat(ranks.get(2)[round]).isEqualTo(sum);
      Arrays.setAll(reached, i -> reached[i] + sum[i]);
    }
    for (int i = 0; i < length; i++) {
      assertThat(reached[i]).isCloseTo(rounds * exact[i], offset(debt * largest));
    }
  }

  /** Long enough for two blocks. */
  private static final int LENGTH = (1 << 22) + 1000;

  private static float[] round(CompressedSum sum, int rank, int round) {
    ByteBuffer vector = AllReduceTest.direct(LENGTH);
    vector.asFloatBuffer().put(gradients(10L * round + rank, LENGTH));
    ByteBuffer result = AllReduceTest.direct(LENGTH);
    sum.sum(vector, result);
    return AllReduceTest.floats(result);
  }

  @Test
  void aGroupThatGoesOnFromWhatWasLeftOutComesToTheSameSums() throws Exception {
    Compression compression = new TopK(0.01);
    AtomicReference<LeftOut> saved = new AtomicReference<>();
    List<float[]> straight =
        Ranks.overSockets(
            2,
            TIMEOUT,
            collective -> {
              CompressedSum sum = new CompressedSum(collective, compression, LENGTH);
              round(sum, collective.rank(), 1);
              sum.leftOut().ifPresent(saved::set);
              return round(sum, collective.rank(), 2);
            });

    List<float[]> resumed =
        Ranks.overSockets(
            2,
            TIMEOUT,
            collective -> {
              CompressedSum sum = new CompressedSum(collective, compression, LENGTH);
              sum.resume(saved.get());
              return round(sum, collective.rank(), 2);
            });

    assertThat(saved.get().ofRanks()).hasSize(2);
    assertThat(resumed.get(0)).isEqualTo(straight.get(0));
    assertThat(resumed.get(1)).isEqualTo(straight.get(1));
  }

  /** With everything sent, what comes out is the new vectors and all that was owed. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void anotherNumberOfRanksPaysWhatWasOwed(int ranks) throws Exception {
    int length = 2000;
    LeftOut owed = LeftOut.none(3, length);
    double[] exact = new double[length];
    for (int part = 0; part < 4; part++) {
      float[] values = gradients(part, length);
      (part < 3 ? owed.ofRanks().get(part) : owed.ofSums()).asFloatBuffer().put(values);
      Arrays.setAll(exact, i -> exact[i] + values[i]);
    }

    List<float[]> sums =
        Ranks.overSockets(
            ranks,
            TIMEOUT,
            collective -> {
              CompressedSum sum = new CompressedSum(collective, new TopK(1), length);
              sum.resume(owed);
              ByteBuffer result = AllReduceTest.direct(length);
              sum.sum(AllReduceTest.direct(length), result);
              return AllReduceTest.floats(result);
            });

    for (int i = 0; i < length; i++) {
      assertThat(sums.get(0)[i]).isCloseTo((float) exact[i], offset(1e-7f));
    }
  }

  @Test
  void halfPrecisionPutsHalfTheBytesOnTheWire() throws Exception {
    int length = 300_000;
    List<Long> sent =
        Ranks.overSockets(
            2,
            TIMEOUT,
            collective -> {
              CompressedSum sum = new CompressedSum(collective, new HalfPrecision(), length);
              ByteBuffer vector = AllReduceTest.direct(length);
              long before = collective.bytesSent();
              sum.sum(vector, vector);
              return collective.bytesSent() - before;
            });

    assertThat(sent)
        .allSatisfy(bytes -> assertThat((double) bytes).isBetween(length * 2.0, length * 2.01));
  }
}
