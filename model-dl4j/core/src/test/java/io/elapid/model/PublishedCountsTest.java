package io.elapid.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.NetworkCost;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.op.OpRegistry;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters and work of every network, as counted on the official code. */
@Tag("backend")
class PublishedCountsTest {
  private static final int CLASSES = 1000;

  @BeforeAll
  static void registerOps() {
    OpRegistry.register();
  }

  @ParameterizedTest
  @CsvSource({
    "tinyvim_s, 5909084, 5909084, 5873832, 926.8",
    "tinyvim_b, 11514236, 11514236, 11466608, 1502.6",
    "tinyvim_l, 32380256, 32380256, 32288592, 4742.5",
    "mobilemamba_t2, 8836890, 8806682, 8809444, 251.7",
    "mobilemamba_t4, 14176090, 14137690, 14141092, 408.7",
    "mobilemamba_s6, 15036632, 14996696, 15000456, 646.7",
    "mobilemamba_b1, 17122849, 17070625, 17079424, 1069.9",
    "mobilemamba_b2, 17122849, 17070625, 17079424, 2404.9",
    "mobilemamba_b4, 17122849, 17070625, 17079424, 4274.0",
    "efficientvim_m1, 6679458, 6679458, 6664818, 236.4",
    "efficientvim_m2, 13903842, 13903842, 13882994, 352.2",
    "efficientvim_m3, 16604174, 16604174, 16580106, 651.7",
    "efficientvim_m4, 19606505, 19606505, 19576389, 1105.0",
    "efficientvmamba_t, 6493660, 6493660, 6479260, 657.0",
    "efficientvmamba_s, 24757456, 24757456, 24728656, 2516.9",
    "efficientvmamba_s64, 11273688, 11273688, 11254488, 1143.3",
    "efficientvmamba_b, 33717136, 33717136, 33671056, 3689.4"
  })
  void networksHaveTheCountedParametersAndWork(
      String name, long train, long trainable, long deploy, String millions) {
    Backbone network = Models.byName(name);
    ParameterTable table = network.tensors(Mode.TRAIN, CLASSES);
    assertThat(table.countedLength()).isEqualTo(train);
    assertThat(table.parameterLength()).isEqualTo(trainable);
    assertThat(network.tensors(Mode.DEPLOY, CLASSES).countedLength()).isEqualTo(deploy);
    NetworkCost cost = NetworkCost.of(network, CLASSES, network.imageSize(), Mode.TRAIN);
    assertThat(String.format(Locale.ROOT, "%.1f", cost.multiplyAccumulates() / 1e6))
        .isEqualTo(millions);
  }

  @ParameterizedTest
  @CsvSource({
    "tinyvim_s, 5684084, 5648832",
    "tinyvim_b, 11129236, 11081608",
    "tinyvim_l, 31867256, 31775592"
  })
  void withoutTheDistillationHeadThereAreFewer(String name, long train, long deploy) {
    Backbone network = Models.byName(name).withHeads(Heads.CLASSIFICATION);
    assertThat(network.tensors(Mode.TRAIN, CLASSES).countedLength()).isEqualTo(train);
    assertThat(network.tensors(Mode.DEPLOY, CLASSES).countedLength()).isEqualTo(deploy);
  }
}
