package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResumeRulesTest {
  private static final Recipe BEFORE = recipe("batch.size=64");

  private static Recipe recipe(String override) {
    return RecipeLoader.load("quickstart", List.of(override));
  }

  @ParameterizedTest
  @CsvSource({
    "batch.size=128, batch.size=64",
    "batch.accumulate=2, batch.accumulate=1",
    "data.repeats=3, data.repeats=1",
    "model.heads=distilled, model.heads=usual"
  })
  void whatStepsAndTensorsWereCountedByMayNotChange(String override, String before) {
    assertThatThrownBy(() -> ResumeRules.check(BEFORE, recipe(override)))
        .isInstanceOfSatisfying(
            InputException.class, e -> assertThat(e.remedy()).contains("-D " + before))
        .hasMessageStartingWith(override.substring(0, override.indexOf('=')));
  }

  @Test
  void otherKeysMay() {
    for (String override :
        List.of("schedule.epochs=30", "cluster.ranks=4", "evaluation.batch-size=8", "seed=5")) {
      assertThatCode(() -> ResumeRules.check(BEFORE, recipe(override))).doesNotThrowAnyException();
    }
  }
}
