package io.elapid.model.efficientvmamba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.graph.Dropped;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.model.Heads;
import io.elapid.nn.FeatureMap;
import io.elapid.op.OpRegistry;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** How the network is put together. */
@Tag("backend")
class EfficientVMambaTest {
  private final EfficientVMamba network =
      new EfficientVMamba(new EfficientVMambaConfig("small", 64, 16, List.of(1, 2, 1, 1), 0.4));

  @BeforeAll
  static void registerOps() {
    OpRegistry.register();
  }

  private static Scope scope(Mode mode) {
    return Scope.root(SameDiff.create(), DataType.FLOAT, mode);
  }

  private static SDVariable images(Scope scope) {
    return scope.graph().placeHolder("images", DataType.FLOAT, 2, 3, 42, 66);
  }

  @Test
  void everyBlockButTheFirstDropsItsBranchInTrainingOnly() {
    Scope training = scope(Mode.TRAIN);
    network.scores(training, images(training), 10);
    assertThat(training.drops().values())
        .extracting(Dropped::rate)
        .containsExactly(0.1, 0.2, 0.4 * 3 / 4, 0.4);
    Scope use = scope(Mode.EVAL);
    network.scores(use, images(use), 10);
    assertThat(use.drops()).isEmpty();
    Scope kept = scope(Mode.TRAIN);
    network.withDropPath(0).scores(kept, images(kept), 10);
    assertThat(kept.drops()).isEmpty();
  }

  @Test
  void oddMapsAreHalvedUpwardsAndStagesBeyondTheLastAskedForDoNotExist() {
    Scope scope = scope(Mode.EVAL);
    List<FeatureMap> maps = network.features(scope, images(scope), Set.of(2, 0));
    assertThat(maps).extracting(FeatureMap::channels).containsExactly(16L, 64L);
    assertThat(maps).extracting(FeatureMap::height).containsExactly(10L, 3L);
    assertThat(maps).extracting(FeatureMap::width).containsExactly(16L, 4L);
    assertThat(scope.table().parameters())
        .noneMatch(slot -> slot.name().matches("layers\\.3\\..*|layers\\.2\\.3\\..*|classifier.*"));
  }

  @Test
  void aHeadForDistillationIsRefused() {
    assertThat(network.withHeads(Heads.CLASSIFICATION)).isSameAs(network);
    assertThatThrownBy(() -> network.withHeads(Heads.CLASSIFICATION_AND_DISTILLATION))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no head for distillation");
  }
}
