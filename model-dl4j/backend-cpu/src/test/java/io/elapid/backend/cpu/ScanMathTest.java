package io.elapid.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** Against the double functions of {@link Math}, in units of the last place of a float. */
class ScanMathTest {
  private static final int SAMPLES = 1 << 16;

  /** Below the normal range, where results are zero. */
  private static final double SMALLEST = Float.MIN_NORMAL;

  private static float decay(float step, float rate) {
    return ScanMath.decay(Lanes.all(step), Lanes.all(rate)).lane(Lanes.WIDTH - 1);
  }

  private static double power(float step, float rate) {
    return Math.pow(2, (double) step * rate);
  }

  @Test
  void decaysAreGoodToAboutAUnitInTheLastPlace() {
    Random random = new Random(3);
    for (int i = 0; i < SAMPLES; i++) {
      // From steps that hardly change a state to those that end it.
      float step = (float) Math.exp(-12 + 16 * random.nextDouble());
      float rate = (float) -Math.exp(-3 + 5 * random.nextDouble());
      double expected = power(step, rate);
      float found = decay(step, rate);
      if (expected < 1.001 * SMALLEST) {
        assertThat((double) found).as("%s %s", step, rate).isBetween(0.0, 1.001 * SMALLEST);
      } else {
        double units = Math.abs(found - expected) / Math.ulp((float) expected);
        assertThat(units).as("%s %s", step, rate).isLessThan(1.5);
      }
    }
  }

  @Test
  void decaysThatGrowAreAsGood() {
    for (float power = 0; power <= 126; power += 0.37f) {
      double units = Math.abs(decay(-power, -1) - Math.pow(2, power)) / Math.ulp(decay(-power, -1));
      assertThat(units).as("%s", power).isLessThan(1.5);
    }
  }

  @Test
  void decaysReachZeroAndKeepWhatIsNotANumber() {
    assertThat(decay(0, -1)).isEqualTo(1);
    assertThat(decay(1, -0f)).isEqualTo(1);
    assertThat(decay(Float.MIN_VALUE, -1)).isEqualTo(1);
    assertThat(decay(126, -1)).isEqualTo(Float.MIN_NORMAL);
    assertThat(decay(127, -1)).isZero();
    assertThat(decay(1e4f, -1e4f)).isZero();
    assertThat(decay(1e20f, -1e18f)).isZero();
    assertThat(decay(Float.MAX_VALUE, -2)).isZero();
    assertThat(decay(Float.POSITIVE_INFINITY, -1)).isZero();
    float negativeNaN = Float.intBitsToFloat(0xFFC00000);
    assertThat(decay(Float.NaN, -1)).isNaN();
    assertThat(decay(negativeNaN, -1)).isNaN();
    assertThat(decay(1, Float.NaN)).isNaN();
    assertThat(decay(1, negativeNaN)).isNaN();
  }

  /** Step size and slope of an argument. */
  private static float[] softplus(float x) {
    ByteBuffer row =
        ByteBuffer.allocateDirect(Lanes.WIDTH * Float.BYTES).order(ByteOrder.nativeOrder());
    for (int lane = 0; lane < Lanes.WIDTH; lane++) {
      Lanes.put(row, lane, x - 1);
    }
    float[] bias = new float[Lanes.WIDTH];
    Arrays.fill(bias, 1);
    float[] steps = new float[ScanSteps.SIZE];
    ScanMath.softplus(row, 0, Lanes.WIDTH, bias, 0, steps, 0, 1);
    FloatVector signed = FloatVector.fromArray(Lanes.SPECIES, steps, ScanSteps.E);
    FloatVector positive = FloatVector.fromArray(Lanes.SPECIES, steps, ScanSteps.DT);
    float size = ScanMath.size(signed, positive).lane(0);
    return new float[] {size, ScanMath.slope(signed).lane(0), x - 1 + 1};
  }

  @Test
  void stepSizesAndTheirSlopesAreGoodToAFewUnitsInTheLastPlace() {
    Random random = new Random(4);
    for (int i = 0; i < SAMPLES / 4; i++) {
      float[] found = softplus((float) (40 * random.nextGaussian()));
      double x = found[2];
      double size = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      double slope = 1 / (1 + Math.exp(-x));
      if (size > 1.001 * SMALLEST) {
        assertThat(Math.abs(found[0] - size) / Math.ulp((float) size)).as("%s", x).isLessThan(4);
        assertThat(Math.abs(found[1] - slope) / Math.ulp((float) slope)).as("%s", x).isLessThan(4);
      } else {
        assertThat((double) found[0]).isBetween(0.0, 1.001 * SMALLEST);
      }
    }
  }

  @Test
  void stepSizesOfWhatIsNoFiniteNumber() {
    assertThat(softplus(Float.NEGATIVE_INFINITY)).startsWith(0, 0);
    assertThat(softplus(Float.POSITIVE_INFINITY)).startsWith(Float.POSITIVE_INFINITY, 1);
    assertThat(softplus(Float.NaN)[0]).isNaN();
    assertThat(softplus(Float.NaN)[1]).isNaN();
    assertThat(softplus(Float.intBitsToFloat(0xFFC00000))[0]).isNaN();
  }
}
