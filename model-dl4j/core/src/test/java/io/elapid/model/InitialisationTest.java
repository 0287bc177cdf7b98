package io.elapid.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.graph.Weights;
import io.elapid.op.OpRegistry;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the networks start from. */
@Tag("backend")
class InitialisationTest {
  @BeforeAll
  static void registerOps() {
    OpRegistry.register();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinyvim_s", "mobilemamba_t2", "efficientvim_m1", "efficientvmamba_t"})
  void everyTensorStartsAsTheOfficialCodeStartsIt(String name) {
    ParameterTable table = Models.byName(name).tensors(Mode.TRAIN, 100);
    StartRules rules = new StartRules(table);
    Weights weights = table.initialWeights(7);
    for (Slot slot : table.slots()) {
      rules.of(name, slot).check(slot.name(), weights.values(slot.name(), slot.shape()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinyvim_s", "mobilemamba_t2", "efficientvim_m1", "efficientvmamba_t"})
  void theStartDependsOnTheSeedAndNotOnTheNumberOfClasses(String name) {
    ParameterTable table = Models.byName(name).tensors(Mode.TRAIN, 10);
    Weights first = table.initialWeights(1);
    Weights wider = Models.byName(name).tensors(Mode.TRAIN, 11).initialWeights(1);
    Weights second = table.initialWeights(2);
    int moved = 0;
    for (Slot slot : table.parameters()) {
      double[] values = first.values(slot.name(), slot.shape());
      if (slot.shape()[0] != 10) {
        assertThat(wider.values(slot.name(), slot.shape())).as(slot.name()).isEqualTo(values);
      }
      moved += Arrays.equals(values, second.values(slot.name(), slot.shape())) ? 0 : 1;
    }
    assertThat(moved).isGreaterThan(20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilemamba_t4", "mobilemamba_s6", "mobilemamba_b1"})
  void normsThatCloseABranchStartAtZeroAndNoOthers(String name) {
    ParameterTable table = Models.byName(name).tensors(Mode.TRAIN, 10);
    Weights weights = table.initialWeights(3);
    List<String> silent =
        table.parameters().stream()
            .filter(slot -> slot.name().endsWith("bn.weight"))
            .filter(slot -> weights.values(slot.name(), slot.shape())[0] == 0)
            .map(Slot::name)
            .toList();
    assertThat(silent)
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(
            table.parameters().stream()
                .map(Slot::name)
                .filter(StartRules::closesMobileMambaBranch)
                .toList());
  }
}
