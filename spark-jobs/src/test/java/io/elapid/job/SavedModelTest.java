package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.ModelWeights.Variant;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.RecipeLoader;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SavedModelTest {
  private static final Configuration CONF = new Configuration();
  private static final Map<String, Double> MEASURED = Map.of("top1", 0.75);

  @TempDir java.nio.file.Path dir;

  @ParameterizedTest
  @EnumSource
  void resultsOfARunAreThoseOfTheWeightsThatItEvaluates(Variant evaluated) throws IOException {
    List<String> settings =
        List.of("ema.decay=0.9", "evaluation.weights=" + evaluated.name().toLowerCase(Locale.ROOT));
    Path run = new Path(dir.toUri());
    write(run, 7, settings);
    for (Variant variant : Variant.values()) {
      SavedModel model = SavedModel.open(CONF, run, variant, Optional.empty(), List.of());
      assertThat(model.meta().metrics()).isEqualTo(variant == evaluated ? MEASURED : Map.of());
    }
  }

  /** A run may go on while its weights are read here, there and once more. */
  @Test
  void weightsOfARunAreThoseOfOneCheckpointWhateverComesAfter() throws IOException {
    Path run = new Path(dir.toUri());
    Path seventh = write(run, 7, List.of("ema.decay=0.9"));
    for (Path given : List.of(run, new Path(run, "checkpoints"), seventh)) {
      SavedModel model = SavedModel.open(CONF, given, Variant.EMA, Optional.empty(), List.of());
      assertThat(model.source()).isEqualTo(seventh.toString());
    }
    Path file = new Path(seventh, "ema.safetensors");
    SavedModel model = SavedModel.open(CONF, file, Variant.MODEL, Optional.empty(), List.of());
    assertThat(model.source()).isEqualTo(file.toString());
  }

  private static Path write(Path run, long step, List<String> settings) throws IOException {
    String recipe = RecipeLoader.load("efficientvim_m1_imagenet", settings).render();
    CheckpointMeta meta =
        new CheckpointMeta(
            "efficientvim_m1", 4, 64, step, 1, List.of(), Map.of(), recipe, MEASURED);
    List<NamedTensor> weights = List.of(NamedTensor.floats("x", new long[] {1}, 1f));
    return new CheckpointStore(CONF, new Path(run, "checkpoints"))
        .write(meta, weights, weights, List.of(NamedTensor.scalar("step", step)));
  }
}
