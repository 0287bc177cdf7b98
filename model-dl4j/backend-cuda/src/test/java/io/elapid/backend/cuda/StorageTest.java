package io.elapid.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.kernel.Accelerator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers of 16 bits against what their digits mean. */
class StorageTest {
  private static final int KINDS = 1 << 16;

  /** Every kind with and without vectors. */
  static Stream<Arguments> kinds() {
    return Stream.of(Storage.BFLOAT16, Storage.FLOAT16)
        .flatMap(
            storage ->
                Stream.of(new Halves(storage), new VectorHalves(storage))
                    .map(halves -> Arguments.of(storage, halves)));
  }

  @AfterEach
  void forget() {
    System.clearProperty(Accelerator.STORAGE);
  }

  /** What the bits of a half mean, by the definition of the format. */
  private static double meaning(Storage storage, int half) {
    int exponentBits = storage == Storage.BFLOAT16 ? 8 : 5;
    int digits = 15 - exponentBits;
    int bias = (1 << exponentBits - 1) - 1;
    int exponent = half >> digits & (1 << exponentBits) - 1;
    double fraction = (half & (1 << digits) - 1) / Math.pow(2, digits);
    double sign = (half & 0x8000) == 0 ? 1 : -1;
    if (exponent == (1 << exponentBits) - 1) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * Math.pow(2, 1 - bias)
        : sign * (1 + fraction) * Math.pow(2, exponent - bias);
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocateDirect(count).order(ByteOrder.nativeOrder());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyHalfWidensToWhatItMeansAndBack(Storage storage, Halves halves) {
    ByteBuffer all = bytes(2 * KINDS);
    for (int half = 0; half < KINDS; half++) {
      all.putShort(2 * half, (short) half);
    }
    ByteBuffer floats = bytes(4 * KINDS + 4);
    halves.widen(all, floats, 4, 4 * KINDS);
    ByteBuffer back = bytes(2 * KINDS);
    halves.narrow(floats, 4, 4 * KINDS, back);
    for (int half = 0; half < KINDS; half++) {
      double expected = meaning(storage, half);
      assertThat((double) floats.getFloat(4 + 4 * half))
          .as("%x", half)
          .isEqualTo(Double.valueOf(expected));
      int found = back.getShort(2 * half) & 0xffff;
      if (Double.isNaN(expected)) {
        assertThat(meaning(storage, found)).as("%x", half).isNaN();
      } else {
        assertThat(found).isEqualTo(half);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void floatsBetweenHalvesGoToTheNearerAndTiesToTheEven(Storage storage, Halves halves) {
    List<Float> floats = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    for (int half = 0; Double.isFinite(meaning(storage, half + 1)); half++) {
      double middle = (meaning(storage, half) + meaning(storage, half + 1)) / 2;
      float tie = (float) middle;
      if (tie == middle) { // bfloat16's least numbers have none
        for (int sign = 0; sign <= 0x8000; sign += 0x8000) {
          float factor = sign == 0 ? 1 : -1;
          floats.addAll(
              List.of(factor * Math.nextDown(tie), factor * tie, factor * Math.nextUp(tie)));
          expected.addAll(List.of(half | sign, half + half % 2 | sign, half + 1 | sign));
        }
      }
    }
    ByteBuffer from = bytes(4 * floats.size());
    for (int i = 0; i < floats.size(); i++) {
      from.putFloat(4 * i, floats.get(i));
    }
    ByteBuffer to = bytes(2 * floats.size());
    halves.narrow(from, 0, from.capacity(), to);
    for (int i = 0; i < floats.size(); i++) {
      assertThat(to.getShort(2 * i) & 0xffff).as("%s", floats.get(i)).isEqualTo(expected.get(i));
    }
    assertThat(floats).hasSizeGreaterThan(90_000);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsTooLargeIsInfiniteAndNoNumberStaysNone(Storage storage, Halves halves) {
    double most = storage == Storage.FLOAT16 ? 65504 : meaning(storage, 0x7f7f);
    double unit = storage == Storage.FLOAT16 ? 32 : Math.scalb(1, 127 - 7);
    float[] values = {
      (float) most,
      Math.nextDown((float) (most + unit / 2)),
      (float) (most + unit / 2),
      -Float.MAX_VALUE,
      Float.intBitsToFloat(0x7f800001),
      Float.intBitsToFloat(0xffc00000)
    };
    ByteBuffer from = bytes(4 * 64);
    for (int i = 0; i < 64; i++) {
      from.putFloat(4 * i, values[i % values.length]);
    }
    ByteBuffer to = bytes(2 * 64);
    halves.narrow(from, 0, from.capacity(), to);
    double infinity = Double.POSITIVE_INFINITY;
    double[] expected = {most, most, infinity, -infinity, Double.NaN, Double.NaN};
    for (int i = 0; i < 64; i++) {
      double found = meaning(storage, to.getShort(2 * i) & 0xffff);
      assertThat(found).as("%s", values[i % 6]).isEqualTo(Double.valueOf(expected[i % 6]));
    }
  }

  @Test
  void thePropertyNamesTheKind() {
    assertThat(Storage.ofProcess()).isEqualTo(Storage.FLOAT32);
    System.setProperty(Accelerator.STORAGE, "bfloat16");
    assertThat(Storage.ofProcess()).isEqualTo(Storage.BFLOAT16);
    System.setProperty(Accelerator.STORAGE, "half");
    assertThatThrownBy(Storage::ofProcess)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("GPUs keep nothing as 'half', which elapid.device.storage is");
  }
}
