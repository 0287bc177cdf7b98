package io.elapid.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.graph.Freezing;
import io.elapid.graph.Initializer;
import io.elapid.graph.Mode;
import io.elapid.graph.NamePattern;
import io.elapid.graph.Scope;
import io.elapid.op.OpRegistry;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("backend")
class RepDwFreezingTest {
  private static final Set<String> INNER =
      Set.of("block.conv.bn.running_mean", "block.conv.bn.running_var");
  private static final Set<String> OUTER = Set.of("block.bn.running_mean", "block.bn.running_var");

  @Test
  void eachNormCanBeFrozenByItself() {
    assertThat(following("block.bn.*")).isEqualTo(INNER);
    assertThat(following("block.conv.bn.*")).isEqualTo(OUTER);
    assertThat(following("block.*")).isEmpty();
    assertThat(following("other.*")).containsAll(INNER).containsAll(OUTER).hasSize(4);
  }

  /** Running statistics that a step moves. */
  private static Set<String> following(String frozen) {
    OpRegistry.register();
    Freezing freezing = new Freezing(List.of(new NamePattern(frozen)), Freezing.Norms.RUNNING);
    SameDiff graph = SameDiff.create();
    Scope scope = Scope.root(graph, DataType.FLOAT, Mode.TRAIN, freezing);
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, 2, 4, 8, 8);
    RepDw.apply(
        scope.child("block"),
        new FeatureMap(x, 2, 4, 8, 8),
        Convolution.depthwise3x3(4, 1),
        Initializer.one());
    return scope.batchStatistics().keySet();
  }
}
