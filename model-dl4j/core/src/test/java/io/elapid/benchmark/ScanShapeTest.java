package io.elapid.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.NetworkCost;
import io.elapid.graph.Mode;
import io.elapid.kernel.ScanGeometry;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the benchmark measures is what the networks run. */
@Tag("backend")
class ScanShapeTest {
  /** Map, and parameters of the scan: decays, skips, biases. */
  private record Scan(List<Long> map, long parameters) {}

  @ParameterizedTest
  @ValueSource(strings = {"tinyvim_b", "mobilemamba_b1", "efficientvmamba_t", "efficientvmamba_b"})
  void shapesAreThoseInTheGraphOfTheNetwork(String name) {
    Backbone network = Models.byName(name);
    NetworkCost cost = NetworkCost.of(network, 1000, network.imageSize(), Mode.EVAL);
    Set<Scan> inGraph =
        cost.layers().stream()
            .filter(layer -> layer.op().equals("elapid_selective_scan"))
            .map(layer -> new Scan(boxed(layer.output()), layer.parameters()))
            .collect(Collectors.toSet());
    String prefix = name.toUpperCase(Locale.ROOT) + "_STAGE";
    Set<Scan> measured =
        Arrays.stream(ScanShape.values())
            .filter(shape -> shape.name().startsWith(prefix))
            .map(shape -> scan(shape.geometry(1)))
            .collect(Collectors.toSet());
    assertThat(measured).isEqualTo(inGraph).isNotEmpty();
  }

  private static Scan scan(ScanGeometry g) {
    long rows = (long) g.directions() * g.channels();
    long[] map = {g.batch(), g.channels(), g.height(), g.width()};
    return new Scan(boxed(map), rows * (g.states() + 2));
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
