package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.graph.Mode;
import io.elapid.model.Models;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Costs read off the graph are those that were counted by running the official networks. */
@Tag("backend")
final class NetworkCostTest {
  @ParameterizedTest
  @CsvSource({
    "efficientvim_m1, 6679458, 6664818, 236.4",
    "efficientvim_m2, 13903842, 13882994, 352.2",
    "efficientvim_m3, 16604174, 16580106, 651.7",
    "efficientvim_m4, 19606505, 19576389, 1105.0"
  })
  void parametersAndWorkAreThePublishedNetworks(
      String name, long trainForm, long deployForm, double millions) {
    NetworkCost train = cost(name, Mode.TRAIN);
    assertThat(train.trainable()).isEqualTo(trainForm);
    assertThat(cost(name, Mode.DEPLOY).trainable()).isEqualTo(deployForm);
    assertThat(train.multiplyAccumulates() / 1e6).isCloseTo(millions, within(0.05));
  }

  @Test
  void everyParameterIsReadByExactlyOneLayer() {
    NetworkCost cost = cost("efficientvim_m1", Mode.TRAIN);
    assertThat(cost.layers().stream().mapToLong(LayerCost::parameters).sum())
        .isEqualTo(cost.trainable());
  }

  @Test
  void layersCarryTheOfficialNameOfTheirModule() {
    LayerCost first = cost("efficientvim_m1", Mode.TRAIN).layers().get(0);
    assertThat(first.module()).isEqualTo("patch_embed.conv.0.conv");
    assertThat(first.output()).containsExactly(1, 16, 112, 112);
    assertThat(first.parameters()).isEqualTo(16 * 3 * 9);
    assertThat(first.multiplyAccumulates()).isEqualTo(16L * 112 * 112 * 27);
  }

  /** A native operation that sums up products must be taught to the count before it is used. */
  @Test
  void nativeOperationsOfAllNetworksAreKnown() {
    Set<String> ops = new TreeSet<>();
    for (String name : Models.names()) {
      cost(name, Mode.TRAIN).layers().forEach(layer -> ops.add(layer.op()));
    }
    ops.removeIf(op -> op.startsWith("elapid_"));
    assertThat(ops).isSubsetOf("matmul", "add", "split", "multiply", "concat");
  }

  private static NetworkCost cost(String name, Mode mode) {
    var model = Models.byName(name.toLowerCase(Locale.ROOT));
    return NetworkCost.of(model, 1000, model.imageSize(), mode);
  }
}
