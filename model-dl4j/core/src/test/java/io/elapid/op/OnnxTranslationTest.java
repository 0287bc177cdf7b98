package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.export.OnnxRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every op that a deployed network may have against its ONNX operators in ONNX Runtime. */
@Tag("backend")
class OnnxTranslationTest {
  private static final double TOLERANCE = 1e-5;

  /** Ops of training, and of detectors that look twice, which are not exported. */
  private static final Set<String> NOT_DEPLOYED =
      Set.of(
          "elapid_batch_moments",
          "elapid_batch_norm",
          "elapid_binary_cross_entropy",
          "elapid_class_select",
          "elapid_focal_loss",
          "elapid_label_cross_entropy",
          "elapid_roi_align",
          "elapid_smooth_l1_loss",
          "elapid_sample_scale",
          "elapid_shortcut_norm",
          "elapid_soft_distillation",
          "elapid_softmax_cross_entropy");

  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  static List<OpCase> cases() {
    return Stream.concat(OpCases.all().stream(), ScanCases.composed().stream())
        .filter(op -> forward(op).operations().stream().noneMatch(NOT_DEPLOYED::contains))
        .toList();
  }

  private record Forward(SameDiff graph, List<String> wanted, List<String> operations) {}

  private static Forward forward(OpCase op) {
    OpRegistry.register();
    SameDiff graph = SameDiff.create();
    List<SDVariable> inputs = new ArrayList<>();
    for (OpCase.Input input : op.inputs()) {
      inputs.add(graph.placeHolder(input.name(), DataType.FLOAT, input.shape()));
    }
    List<String> wanted =
        op.body().build(graph, inputs).stream().map(SDVariable::name).distinct().toList();
    List<String> operations =
        graph.getOps().values().stream().map(each -> each.getOp().opName()).toList();
    return new Forward(graph, wanted, operations);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void operatorsComputeTheSame(OpCase op) {
    Forward forward = forward(op);
    Map<String, INDArray> values = op.values(DataType.FLOAT);
    Map<String, INDArray> expected = forward.graph().output(values, forward.wanted());
    List<float[]> actual = OnnxRun.outputs(forward.graph(), forward.wanted(), values);
    for (int i = 0; i < actual.size(); i++) {
      float[] ours = expected.get(forward.wanted().get(i)).ravel().toFloatVector();
      assertThat(actual.get(i)).hasSameSizeAs(ours);
      double largest = 1;
      double difference = 0;
      for (int j = 0; j < ours.length; j++) {
        largest = Math.max(largest, Math.abs(ours[j]));
        difference = Math.max(difference, Math.abs(ours[j] - actual.get(i)[j]));
      }
      assertThat(difference).as("output %d", i).isLessThan(TOLERANCE * largest);
    }
  }
}
