package io.elapid.model.efficientvmamba;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class EfficientVMambaConfigTest {
  @Test
  void ratesOfDroppedPathsRiseEvenlyOverAllBlocks() {
    EfficientVMambaConfig t = EfficientVMambaConfig.t();
    assertThat(t.dropPath(0, 0)).isZero();
    assertThat(t.dropPath(1, 0)).isCloseTo(0.2 * 2 / 9, within(1e-15));
    assertThat(t.dropPath(2, 3)).isCloseTo(0.2 * 7 / 9, within(1e-15));
    assertThat(t.dropPath(3, 1)).isEqualTo(0.2);
    assertThat(EfficientVMambaConfig.b().dropPath(3, 0)).isCloseTo(0.2 * 13 / 14, within(1e-15));
  }

  @Test
  void widthsDoubleFromStageToStage() {
    EfficientVMambaConfig b = EfficientVMambaConfig.b();
    assertThat(List.of(b.width(0), b.width(1), b.width(2), b.width(3)))
        .containsExactly(96, 192, 384, 768);
  }

  @Test
  void sizesThatMakeNoNetworkAreRefused() {
    assertThatThrownBy(() -> new EfficientVMambaConfig("x", 64, 4, List.of(1, 1, 1, 1), 0))
        .hasMessageContaining("8 or more");
    assertThatThrownBy(() -> new EfficientVMambaConfig("x", 64, 8, List.of(1, 1, 1), 0))
        .hasMessageContaining("4 stages");
    assertThatThrownBy(() -> new EfficientVMambaConfig("x", 64, 8, List.of(1, 1, 0, 1), 0))
        .hasMessageContaining("at least one block");
    assertThatThrownBy(() -> new EfficientVMambaConfig("x", 64, 8, List.of(1, 1, 1, 1), 1))
        .hasMessageContaining("dropping paths");
  }
}
