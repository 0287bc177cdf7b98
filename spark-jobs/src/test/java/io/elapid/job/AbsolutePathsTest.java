package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class AbsolutePathsTest {
  @Test
  void everyPathMeansTheSameInAnotherFolder() {
    Recipe recipe =
        AbsolutePaths.of(
            RecipeLoader.load(
                "quickstart",
                List.of(
                    "data.path=data/shapes",
                    "output=runs/pupil",
                    "model.weights=runs/start",
                    "distillation.type=soft",
                    "distillation.pupil=every-head",
                    "distillation.teacher=runs/teacher")),
            new Configuration());
    String here = "file:" + System.getProperty("user.dir") + "/";
    assertThat(recipe.data().path()).contains(here + "data/shapes");
    assertThat(recipe.output()).contains(here + "runs/pupil");
    assertThat(recipe.model().weights()).contains(here + "runs/start");
    assertThat(recipe.distillation().teacher()).contains(here + "runs/teacher");
  }
}
