package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import io.elapid.it.NanoModel;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be known of starting weights before a rank has started. */
class StartingWeightsTest {
  private static final Configuration CONF = new Configuration();
  private static final int CLASSES = 4;

  @TempDir java.nio.file.Path dir;
  private String weights;

  @BeforeEach
  void write() throws IOException {
    weights = new Path(dir.resolve("nano.safetensors").toUri()).toString();
    NanoModel.write(weights, CLASSES);
  }

  private Recipe recipe(String heads, String classifier) {
    return RecipeLoader.load(
        "quickstart",
        List.of(
            "model.name=" + NanoModel.NAME,
            "model.weights=" + weights,
            "model.heads=" + heads,
            "model.classifier=" + classifier));
  }

  @Test
  void headsThatAreKeptAreThoseOfTheRecipe() throws IOException {
    StartingWeights.check(CONF, recipe("usual", "keep"), CLASSES);
    assertThatThrownBy(() -> StartingWeights.check(CONF, recipe("distilled", "keep"), CLASSES))
        .isInstanceOfSatisfying(
            InputException.class,
            e -> assertThat(e.remedy()).contains("model.heads", "model.classifier=fresh"))
        .hasMessageEndingWith(
            "nano.safetensors lacks heads that learn from a teacher, and model.heads asks for a"
                + " network with them");
  }

  @Test
  void headsThatStartAnewMayBeOthers() throws IOException {
    StartingWeights.check(CONF, recipe("distilled", "fresh"), CLASSES + 1);
  }

  @Test
  void classesThatAreKeptAreThoseOfTheDataSet() {
    assertThatThrownBy(() -> StartingWeights.check(CONF, recipe("usual", "keep"), CLASSES + 1))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tells 4 classes apart, the data set has 5");
  }
}
