package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Ops executed without a session, on whatever memory they are given. */
@Tag("backend")
class OpExecutionTest {
  private static OpRunner runner;

  @BeforeAll
  static void register() {
    runner = OpRegistry.register();
  }

  @AfterEach
  void oneThread() {
    runner.threads(1);
  }

  static List<OpCase> cases() {
    return OpCases.all();
  }

  static List<OpCase> largeCases() {
    return OpCases.large();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void offsetsAndStridesOfOperandsDoNotMatter(OpCase op) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      List<INDArray> dense = new DirectRun(op, type, DirectRun.Layout.DENSE).execute();
      assertSame(new DirectRun(op, type, DirectRun.Layout.OFFSET).execute(), dense);
      assertSame(new DirectRun(op, type, DirectRun.Layout.STRIDED).execute(), dense);
    }
  }

  @ParameterizedTest
  @MethodSource({"cases", "largeCases"})
  void anOutputMayTakeThePlaceOfAnInputThatItsOpOverwrites(OpCase op) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      for (DirectRun.Twice twice : new DirectRun(op, type, DirectRun.Layout.DENSE).inPlace()) {
        assertThat(twice.inPlace()).as(twice.title()).isNotEmpty();
        assertSame(twice.inPlace(), twice.apart());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("largeCases")
  void anyNumberOfThreadsGivesTheSameBits(OpCase op) {
    runner.threads(1);
    List<INDArray> one = new DirectRun(op, DataType.FLOAT, DirectRun.Layout.DENSE).execute();
    for (int threads = 2; threads <= 3; threads++) {
      runner.threads(threads);
      assertSame(new DirectRun(op, DataType.FLOAT, DirectRun.Layout.DENSE).execute(), one);
    }
  }

  @ParameterizedTest
  @MethodSource("largeCases")
  void executingAgainGivesTheSameBits(OpCase op) {
    DirectRun run = new DirectRun(op, DataType.FLOAT, DirectRun.Layout.DENSE);
    List<INDArray> first = run.execute();
    for (int i = 0; i < 30; i++) {
      run.execute();
    }
    assertSame(run.execute(), first);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aContextSeesWhatItsArraysHoldNow(OpCase op) {
    DirectRun run = new DirectRun(op, DataType.FLOAT, DirectRun.Layout.STRIDED);
    List<INDArray> first = run.execute();
    String input = op.inputs().get(0).name();
    INDArray original = run.array(input).dup();
    run.array(input).muli(0.5);
    run.execute();
    run.array(input).assign(original);
    assertSame(run.execute(), first);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void notANumberInAnyInputShowsInTheOutput(OpCase op) {
    DirectRun run = new DirectRun(op, DataType.FLOAT, DirectRun.Layout.DENSE);
    for (OpCase.Input input : op.inputs()) {
      INDArray array = run.array(input.name());
      INDArray original = array.dup();
      array.assign(Float.NaN);
      run.execute();
      long outputs = run.result().length();
      long least =
          switch (op.reach()) {
            case EVERYWHERE -> outputs;
            case AS_MANY -> Math.min(outputs, array.length());
            case SOMEWHERE -> 1;
          };
      long most = op.reach() == OpCase.Reach.SOMEWHERE ? outputs : least;
      assertThat(notANumber(run.result())).as("all of %s", input.name()).isBetween(least, most);
      array.assign(original);
      array.reshape(-1).putScalar(array.length() / 2, Float.NaN);
      assertThat(run.executeForward().stream().mapToLong(OpExecutionTest::notANumber).sum())
          .as("one of %s", input.name())
          .isPositive();
      array.assign(original);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void notANumberInTheGradientOfTheOutputShowsInEveryGradient(OpCase op) {
    DirectRun run = new DirectRun(op, DataType.FLOAT, DirectRun.Layout.DENSE);
    run.outputGradients().forEach(dy -> dy.assign(Float.NaN));
    for (INDArray gradient : run.executeGradients()) {
      assertThat(gradient.isNaN().any()).isTrue();
    }
  }

  @Test
  void registeringTwiceIsFine() {
    assertThat(OpRegistry.register()).isSameAs(runner);
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    OpCase bad =
        OpCase.of(
            "bad",
            (g, v) -> List.of(Linear.apply(g, v.get(0), v.get(1), v.get(2))),
            OpCase.in("x", 2, 3),
            OpCase.in("w", 4, 5),
            OpCase.in("bias", 4));
    assertThatThrownBy(() -> new DirectRun(bad, DataType.FLOAT, DirectRun.Layout.DENSE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("elapid_linear: input [2, 3] and weights [4, 5] do not fit");
  }

  private static long notANumber(INDArray array) {
    return array.isNaN().castTo(DataType.DOUBLE).sumNumber().longValue();
  }

  private static void assertSame(List<INDArray> actual, List<INDArray> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).reshape(-1).toDoubleVector())
          .as("output %d", i)
          .isEqualTo(expected.get(i).reshape(-1).toDoubleVector());
    }
  }
}
