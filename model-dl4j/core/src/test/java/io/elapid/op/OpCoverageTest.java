package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** The contract tests reach every op. */
@Tag("backend")
class OpCoverageTest {
  /** A vector of logits is not worth sharing among threads. */
  private static final Set<String> ON_ONE_THREAD =
      Set.of(
          "elapid_soft_distillation",
          "elapid_softmax_mix",
          "elapid_softmax_mix_gradient",
          "elapid_softmax_cross_entropy",
          "elapid_softmax_cross_entropy_gradient");

  /** Choose among what is given and have no gradient; tested within the network they belong to. */
  private static final Set<String> CHOOSING =
      Set.of(
          "elapid_hard_negatives",
          "elapid_region_detections",
          "elapid_region_proposals",
          "elapid_region_targets");

  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  @Test
  void everyRegisteredOpHasACase() {
    assertThat(names(OpCases.all())).isEqualTo(registered());
  }

  @Test
  void everyOpThatSharesItsWorkAmongThreadsHasALargeCase() {
    Set<String> expected = registered();
    expected.removeAll(ON_ONE_THREAD);
    assertThat(names(OpCases.large())).isEqualTo(expected);
  }

  private static Set<String> registered() {
    Set<String> names = new TreeSet<>();
    OpRegistry.ops().forEach(op -> names.add(op.opName()));
    names.removeAll(CHOOSING);
    return names;
  }

  private static Set<String> names(List<OpCase> cases) {
    Set<String> names = new TreeSet<>();
    for (OpCase each : cases) {
      names.addAll(new DirectRun(each, DataType.FLOAT, DirectRun.Layout.DENSE).opNames());
    }
    return names;
  }
}
