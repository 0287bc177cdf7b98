package io.elapid.op;

import static io.elapid.op.OpCase.constant;
import static io.elapid.op.OpCase.given;
import static io.elapid.op.OpCase.in;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.RoiPooling.Alignment;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Data that does not fit is named, and padding may hold anything, on every kernel set. */
@Tag("backend")
class DenseInputTest {
  private static final OpCase.Input DIVISOR = constant("divisor", 2, 3);

  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  private static List<INDArray> execute(OpCase op, DataType type) {
    return new DirectRun(op, type, DirectRun.Layout.DENSE).execute();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void labelsThatNoClassHasAreNamed(DataType type) {
    double[] labels = {0, 9, 2};
    OpCase focal =
        OpCase.of(
            "focal",
            (g, v) -> List.of(FocalLoss.apply(g, v.get(0), v.get(1), v.get(2), 0.25, 2)),
            in("x", 3, 4),
            given("labels", labels, 3),
            DIVISOR);
    OpCase entropy =
        OpCase.of(
            "entropy",
            (g, v) -> List.of(LabelCrossEntropy.apply(g, v.get(0), v.get(1), v.get(2), 255)),
            in("x", 1, 4, 3, 20),
            given("labels", labels, 1, 3, 20),
            DIVISOR);
    OpCase select =
        OpCase.of(
            "select",
            (g, v) -> List.of(ClassSelect.apply(g, v.get(0), v.get(1), 4)),
            in("x", 3, 8),
            given("labels", labels, 3));
    for (OpCase op : List.of(focal, entropy, select)) {
      assertThatThrownBy(() -> execute(op, type))
          .as(op.name())
          .hasStackTraceContaining("label 9.0 at 1: not one of");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void regionsOfPicturesThatAreNotThereAreNamed(DataType type) {
    OpCase op =
        OpCase.of(
            "regions",
            (g, v) ->
                List.of(
                    RoiAlign.apply(
                        g,
                        List.of(v.get(0)),
                        v.get(1),
                        new RoiPooling(2, 2, 0, Alignment.ALIGNED, 4, 56))),
            in("x", 2, 1, 4, 4),
            given("rois", new double[] {0, 1, 1, 5, 5, 2, 1, 1, 5, 5}, 2, 5));
    assertThatThrownBy(() -> execute(op, type))
        .hasStackTraceContaining("region 1 is of picture 2.0; there are 2");
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void whatHasNoWeightMayHoldAnything(DataType type) {
    double[] targets = {0, 1, Double.NaN, Double.POSITIVE_INFINITY};
    double[] weights = {1, 0.5, 0, 0};
    OpCase binary =
        OpCase.of(
            "binary",
            (g, v) -> List.of(BinaryCrossEntropy.apply(g, v.get(0), v.get(1), v.get(2), v.get(3))),
            in("x", 5, 8),
            given("targets", targets, 5, 8),
            given("weights", weights, 5, 8),
            DIVISOR);
    OpCase differences =
        OpCase.of(
            "differences",
            (g, v) -> List.of(SmoothL1Loss.apply(g, v.get(0), v.get(1), v.get(2), v.get(3), 1)),
            in("x", 5, 8),
            given("targets", targets, 5, 8),
            given("weights", weights, 5, 8),
            DIVISOR);
    for (OpCase op : List.of(binary, differences)) {
      for (INDArray output : execute(op, type)) {
        assertThat(output.isNaN().any() || output.isInfinite().any()).as(op.name()).isFalse();
      }
    }
  }
}
