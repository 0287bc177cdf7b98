package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tests that read golden files run on what they find: so what they need must be there. */
class GoldenCoverageTest {
  private static final Path HOME = Path.of("src/test/resources/golden/backbones");

  @Test
  void goldensOfEveryKindShipWithTheTests() {
    assertThat(
            List.of(
                "EfficientViM_M1_eval_80x80.json",
                "EfficientViM_M4_eval_256x256.json",
                "EfficientViM_M1_trace_64x64.json",
                "EfficientViM_M4_train.json",
                "EfficientViM_M1_adamw.json",
                "reparam.json",
                "shapes/EfficientViM_M1.json",
                "ops/modules_efficientvim.json"))
        .allSatisfy(name -> assertThat(Files.exists(HOME.resolve(name))).as(name).isTrue());
  }
}
