package io.elapid.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.ReferenceKernels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlatVectorPassesTest {
  private static final OptimizerKernel KERNEL = new ReferenceKernels().optimizer();
  private static final AdamWSettings SETTINGS = AdamWSettings.published();

  @Test
  void aScaleGivenToTheUpdateEqualsScaledGradients() {
    FlatVector direct = Vectors.floats(1, 2, 3);
    FlatVector scaled = Vectors.floats(1, 2, 3);
    adamW(3).update(KERNEL, new AdamW.Step(direct, Vectors.floats(4, -8, 12), 0.25, 0.1));
    adamW(3).update(KERNEL, new AdamW.Step(scaled, Vectors.floats(1, -2, 3), 1, 0.1));
    assertThat(Vectors.values(direct)).containsExactly(Vectors.values(scaled));
  }

  @Test
  void aResumedOptimiserContinuesBitForBit() {
    FlatVector straight = Vectors.floats(1, -2);
    AdamW whole = adamW(2);
    FlatVector m = Vectors.floats(0, 0);
    FlatVector v = Vectors.floats(0, 0);
    List<ParameterRange> ranges = List.of(ParameterRange.decayed(0, 2));
    FlatVector resumed = Vectors.floats(1, -2);
    for (int step = 0; step < 6; step++) {
      FlatVector gradients = Vectors.floats(0.1f * step, -0.3f);
      whole.update(KERNEL, new AdamW.Step(straight, gradients, 1, 0.01));
      AdamW fresh = new AdamW(SETTINGS, ranges, m, v);
      fresh.resumeAt(step);
      fresh.update(KERNEL, new AdamW.Step(resumed, gradients, 1, 0.01));
    }
    assertThat(Vectors.values(resumed)).containsExactly(Vectors.values(straight));
  }

  @Test
  void neighbouringRangesDoNotTouchEachOther() {
    FlatVector p = Vectors.floats(1, 1, 1, 1);
    List<ParameterRange> ranges =
        List.of(
            ParameterRange.undecayed(0, 1),
            ParameterRange.decayed(1, 2),
            ParameterRange.decayed(2, 3),
            ParameterRange.undecayed(3, 4));
    new AdamW(SETTINGS, ranges, Vectors.floats(0, 0, 0, 0), Vectors.floats(0, 0, 0, 0))
        .update(KERNEL, new AdamW.Step(p, Vectors.floats(0, 0, 0, 0), 1, 0.1));
    double decayed = 1 - 0.1 * SETTINGS.weightDecay();
    assertThat(Vectors.values(p))
        .containsExactly(new double[] {1, decayed, decayed, 1}, within(1e-7));
  }

  @Test
  void eachRangeHasItsOwnRateAndWhatIsFrozenStays() {
    FlatVector p = Vectors.floats(1, 1, 1);
    FlatVector first = Vectors.floats(0, 0, 0);
    List<ParameterRange> ranges =
        List.of(
            ParameterRange.undecayed(0, 1),
            new ParameterRange(1, 2, 10, 0),
            ParameterRange.frozen(2, 3));
    AdamW adamW = new AdamW(SETTINGS, ranges, first, Vectors.floats(0, 0, 0));
    adamW.update(KERNEL, new AdamW.Step(p, Vectors.floats(2, 2, 2), 1, 1e-3));
    // the first update of AdamW moves by the learning rate, whatever the gradient
    assertThat(Vectors.values(p)).containsExactly(new double[] {0.999, 0.99, 1}, within(1e-6));
    assertThat(Vectors.values(first)[2]).isZero();
  }

  @Test
  void rangesMustCoverTheVector() {
    assertThatThrownBy(() -> tile(ParameterRange.decayed(0, 2), ParameterRange.decayed(3, 4)))
        .hasMessageContaining("gap or overlap at 2");
    assertThatThrownBy(() -> tile(ParameterRange.decayed(0, 3))).hasMessageContaining("3 of 4");
  }

  @Test
  void vectorsOfAnotherTypeOrLengthAreRefused() {
    AdamW adamW = adamW(2);
    assertThatThrownBy(
            () -> adamW.update(KERNEL, new AdamW.Step(Vectors.floats(1), Vectors.floats(1), 1, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                adamW.update(
                    KERNEL, new AdamW.Step(Vectors.doubles(1, 2), Vectors.doubles(1, 2), 1, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Doubles[2] and Floats[2]");
  }

  @Test
  void theNormCountsEveryElementAtAnyLength() {
    Random random = new Random(7);
    for (int length : new int[] {0, 1, 3, 4, 5, 1023}) {
      float[] values = new float[length];
      double squares = 0;
      for (int i = 0; i < length; i++) {
        values[i] = random.nextFloat() - 0.5f;
        squares += (double) values[i] * values[i];
      }
      assertThat(GradientClip.norm(KERNEL, Vectors.floats(values)))
          .isCloseTo(Math.sqrt(squares), within(1e-12));
      assertThat(GradientClip.norm(KERNEL, Vectors.doubles(values)))
          .isCloseTo(Math.sqrt(squares), within(1e-12));
    }
  }

  @Test
  void aGradientThatIsNotANumberIsSeenInTheNorm() {
    assertThat(GradientClip.norm(KERNEL, Vectors.floats(1, Float.NaN, 2))).isNaN();
    assertThat(GradientClip.norm(KERNEL, Vectors.floats(Float.POSITIVE_INFINITY))).isInfinite();
  }

  @Test
  void aLimitOfZeroTurnsClippingOff() {
    assertThat(GradientClip.coefficient(1e9, 0)).isEqualTo(1);
  }

  @Test
  void aVectorIsAViewOfItsMemory() {
    ByteBuffer memory = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    memory.putFloat(4, 2.5f).position(8);
    FlatVector.Floats vector = FlatVector.floats(memory);
    assertThat(vector.length()).isEqualTo(4);
    assertThat(vector.values().get(1)).isEqualTo(2.5f);
    vector.values().put(3, 7f);
    assertThat(memory.getFloat(12)).isEqualTo(7f);
    assertThat(FlatVector.doubles(memory).length()).isEqualTo(2);
  }

  private static AdamW adamW(int length) {
    return new AdamW(
        SETTINGS,
        List.of(ParameterRange.decayed(0, length)),
        FlatVector.allocateFloats(length),
        FlatVector.allocateFloats(length));
  }

  private static List<ParameterRange> tile(ParameterRange... ranges) {
    return ParameterRange.tile(List.of(ranges), 4);
  }
}
