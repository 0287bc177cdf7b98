package io.elapid.model.tinyvim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.graph.Slot;
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

/** What the whole network builds for which pictures. */
@Tag("backend")
class TinyViMTest {
  private final TinyViM network = new TinyViM(TinyViMConfig.small());
  private final Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, Mode.EVAL);

  @BeforeAll
  static void registerOps() {
    OpRegistry.register();
  }

  @Test
  void featuresAreTheMapsBeforeDownSampling() {
    List<FeatureMap> maps = network.features(scope, images(64, 96), Set.of(0, 1, 2, 3));
    assertThat(maps).extracting(FeatureMap::channels).containsExactly(48L, 64L, 168L, 224L);
    assertThat(maps).extracting(FeatureMap::height).containsExactly(16L, 8L, 4L, 2L);
    assertThat(maps).extracting(FeatureMap::width).containsExactly(24L, 12L, 6L, 3L);
    assertThat(maps)
        .extracting(map -> map.value().name())
        .containsExactly(
            scope.taps().get("network.0"),
            scope.taps().get("network.2"),
            scope.taps().get("network.4"),
            scope.taps().get("network.6"));
  }

  @Test
  void featuresOfEarlyStagesBuildNothingBehindThem() {
    network.features(scope, images(64, 64), Set.of(1));
    assertThat(scope.table().parameters())
        .extracting(Slot::name)
        .anyMatch(name -> name.startsWith("network.2."))
        .noneMatch(name -> name.startsWith("network.3.") || name.startsWith("head"));
  }

  @Test
  void picturesWhoseSidesAreNoMultiplesOf32AreRefused() {
    assertThatThrownBy(() -> network.scores(scope, images(64, 80), 10))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tinyvim_s cannot take pictures of 64 x 80");
  }

  @Test
  void withoutDistillationThereIsOneHead() {
    Scores scores = network.withHeads(Heads.CLASSIFICATION).scores(scope, images(32, 32), 10);
    assertThat(scores.heads()).containsExactly(scores.logits());
    assertThat(scope.table().parameters())
        .extracting(Slot::name)
        .contains("head.weight")
        .noneMatch(name -> name.startsWith("dist_head"));
  }

  private SDVariable images(long height, long width) {
    return scope.graph().placeHolder("images", DataType.FLOAT, 1, 3, height, width);
  }
}
