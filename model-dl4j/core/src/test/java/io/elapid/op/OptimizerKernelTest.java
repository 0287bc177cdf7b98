package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.golden.Filler;
import io.elapid.kernel.ElementType;
import io.elapid.kernel.OptimizerKernel;
import io.elapid.kernel.OptimizerKernel.Coefficients;
import io.elapid.kernel.OptimizerKernel.Range;
import io.elapid.kernel.OptimizerKernel.UnitClip;
import io.elapid.kernel.OptimizerKernel.Units;
import io.elapid.kernel.OptimizerKernel.Vectors;
import io.elapid.kernel.ReferenceKernels;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The backend's passes over flat vectors against the plain loops in double. */
@Tag("backend")
class OptimizerKernelTest {
  /** Several blocks, and neither a whole number of blocks nor of registers. */
  private static final int LONG = 100_003;

  private static final Coefficients COEFFICIENTS =
      new Coefficients(0.25, 0.9, 0.999, 1e-2, 4.5, 1e-8, 0.99);
  private static OpRunner runner;

  @BeforeAll
  static void register() {
    runner = OpRegistry.register();
  }

  @AfterEach
  void oneThread() {
    runner.threads(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, 17, 1000, LONG})
  void updatesFollowTheDefinitionInEveryRange(int length) {
    Values exact = new Values(ElementType.DOUBLE, length);
    Values fast = new Values(ElementType.FLOAT, length);
    for (int step = 0; step < 3; step++) {
      exact.update(new ReferenceKernels().optimizer(), true);
      fast.update(runner.kernels().optimizer(), true);
    }
    assertClose(fast.parameters, exact.parameters, 1e-6);
    assertClose(fast.first, exact.first, 1e-6);
    assertClose(fast.second, exact.second, 1e-6);
    assertClose(fast.average, exact.average, 1e-6);
  }

  @Test
  void withoutAnAverageTheRestIsTheSame() {
    Values with = new Values(ElementType.FLOAT, 1000);
    Values without = new Values(ElementType.FLOAT, 1000);
    with.update(runner.kernels().optimizer(), true);
    without.update(runner.kernels().optimizer(), false);
    assertThat(without.parameters.bytes()).isEqualTo(with.parameters.bytes());
    assertThat(without.average.bytes())
        .isEqualTo(new Values(ElementType.FLOAT, 1000).average.bytes());
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    Values one = new Values(ElementType.FLOAT, LONG);
    one.update(runner.kernels().optimizer(), true);
    double squares = runner.kernels().optimizer().squares(one.gradients);
    for (int threads : new int[] {2, 3, 5}) {
      runner.threads(threads);
      OptimizerKernel kernel = runner.kernels().optimizer();
      Values many = new Values(ElementType.FLOAT, LONG);
      many.update(kernel, true);
      assertThat(many.parameters.bytes()).isEqualTo(one.parameters.bytes());
      assertThat(many.first.bytes()).isEqualTo(one.first.bytes());
      assertThat(many.second.bytes()).isEqualTo(one.second.bytes());
      assertThat(many.average.bytes()).isEqualTo(one.average.bytes());
      assertThat(kernel.squares(many.gradients)).isEqualTo(squares);
    }
  }

  @Test
  void anElementsUpdateDoesNotDependOnWhereItStands() {
    Values whole = new Values(ElementType.FLOAT, 1000);
    Values pieces = new Values(ElementType.FLOAT, 1000);
    OptimizerKernel kernel = runner.kernels().optimizer();
    kernel.adamW(whole.vectors(true), List.of(new Range(0, 1000, 0.9, 1)), COEFFICIENTS);
    kernel.adamW(
        pieces.vectors(true),
        List.of(new Range(0, 7, 0.9, 1), new Range(7, 500, 0.9, 1), new Range(500, 1000, 0.9, 1)),
        COEFFICIENTS);
    assertThat(pieces.parameters.bytes()).isEqualTo(whole.parameters.bytes());
    assertThat(pieces.average.bytes()).isEqualTo(whole.average.bytes());
  }

  @Test
  void whatNoRangeCoversIsLeftAlone() {
    Values values = new Values(ElementType.FLOAT, 1000);
    Values before = new Values(ElementType.FLOAT, 1000);
    runner
        .kernels()
        .optimizer()
        .adamW(
            values.vectors(true),
            List.of(new Range(0, 300, 0.9, 1), new Range(713, 1000, 0.9, 1)),
            COEFFICIENTS);
    for (int i = 300; i < 713; i++) {
      assertThat(values.parameters.at(i)).isEqualTo(before.parameters.at(i));
      assertThat(values.average.at(i)).isEqualTo(before.average.at(i));
      assertThat(values.first.at(i)).isZero();
      assertThat(values.second.at(i)).isZero();
    }
    assertThat(values.parameters.at(299)).isNotEqualTo(before.parameters.at(299));
    assertThat(values.parameters.at(713)).isNotEqualTo(before.parameters.at(713));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void unitsAreClippedEachByItself(int threads) {
    runner.threads(threads);
    Tensor parameters = filled("p", ElementType.FLOAT, LONG);
    Tensor gradients = filled("g", ElementType.FLOAT, LONG);
    Tensor expected = filled("g", ElementType.FLOAT, LONG);
    Tensor untouched = filled("g", ElementType.FLOAT, LONG);
    // rows as short as a filter's and as long as many blocks; small weights meet the floor
    List<Units> units =
        List.of(new Units(0, 111, 9), new Units(1000, 40, 1000), new Units(50_000, 1, 50_003));
    for (int i = 0; i < 9; i++) {
      parameters.put(i, 1e-6 * parameters.at(i));
    }
    UnitClip clip = new UnitClip(0.5, 0.4, 1e-3);
    runner.kernels().optimizer().clipUnits(parameters, gradients, units, clip);
    new ReferenceKernels().optimizer().clipUnits(parameters, expected, units, clip);
    assertClose(gradients, expected, 1e-6);
    assertThat(gradients.at(0)).isNotEqualTo(untouched.at(0));
    assertThat(gradients.at(999)).isEqualTo(untouched.at(999));
    assertThat(gradients.at(45_000)).isEqualTo(untouched.at(45_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 32, 33, 16_384, LONG})
  void sumOfSquaresIsThatOfDoubles(int length) {
    Tensor x = filled("x", ElementType.FLOAT, length);
    double expected = new ReferenceKernels().optimizer().squares(x);
    assertThat(runner.kernels().optimizer().squares(x)).isCloseTo(expected, within(1e-12 * length));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 50, 999})
  void oneElementThatIsNotANumberIsSeen(int at) {
    Tensor x = filled("x", ElementType.FLOAT, 1000);
    x.put(at, Double.NaN);
    assertThat(runner.kernels().optimizer().squares(x)).isNaN();
    x.put(at, Double.NEGATIVE_INFINITY);
    assertThat(runner.kernels().optimizer().squares(x)).isInfinite();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 16, 1000, LONG})
  void blendsAndScalesFollowTheDefinition(int length) {
    OptimizerKernel kernel = runner.kernels().optimizer();
    OptimizerKernel exact = new ReferenceKernels().optimizer();
    Tensor x = filled("x", ElementType.FLOAT, length);
    Tensor y = filled("y", ElementType.FLOAT, length);
    Tensor expected = filled("y", ElementType.FLOAT, length);
    kernel.blend(y, 0.9, x, 0.1);
    exact.blend(expected, 0.9, x, 0.1);
    assertClose(y, expected, 1e-6);
    kernel.scale(x, 1.0 / 3, y);
    exact.scale(x, 1.0 / 3, expected);
    assertClose(y, expected, 1e-6);
    exact.scale(y, 0.5, expected);
    kernel.scale(y, 0.5, y);
    assertClose(y, expected, 0);
  }

  private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    for (int i = 0; i < expected.size(); i++) {
      if (!(Math.abs(actual.at(i) - expected.at(i)) <= tolerance)) {
        assertThat(actual.at(i)).as("element %d", i).isCloseTo(expected.at(i), within(tolerance));
      }
    }
  }

  private static Tensor filled(String name, ElementType type, int length) {
    Tensor tensor = Tensor.zeros(type, length);
    float[] values = new Filler(1).input(name, length);
    for (int i = 0; i < length; i++) {
      tensor.put(i, values[i]);
    }
    return tensor;
  }

  private static final class Values {
    final Tensor parameters;
    final Tensor gradients;
    final Tensor first;
    final Tensor second;
    final Tensor average;

    Values(ElementType type, int length) {
      parameters = filled("parameters", type, length);
      gradients = filled("gradients", type, length);
      first = Tensor.zeros(type, length);
      second = Tensor.zeros(type, length);
      average = filled("average", type, length);
    }

    Vectors vectors(boolean averaging) {
      return new Vectors(
          parameters,
          gradients,
          first,
          second,
          averaging ? Optional.of(average) : Optional.empty());
    }

    /** In three ranges, the borders wherever they fall. */
    void update(OptimizerKernel kernel, boolean averaging) {
      int length = parameters.size();
      int third = length / 3;
      List<Range> ranges =
          List.of(
              new Range(0, third, 1, 1),
              new Range(third, 2 * third, 0.99, 0.3),
              new Range(2 * third, length, 1, 1));
      kernel.adamW(vectors(averaging), ranges, COEFFICIENTS);
    }
  }
}
