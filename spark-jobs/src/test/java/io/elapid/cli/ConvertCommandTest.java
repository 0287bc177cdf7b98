package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.ModelWeights.Variant;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.RecipeLoader;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ConvertCommandTest {
  private static final Configuration CONF = new Configuration();
  private static final Map<String, Double> MEASURED = Map.of("top1", 0.75);

  @TempDir java.nio.file.Path dir;

  /** Nothing else tells any more which of the run's weights they are. */
  @ParameterizedTest
  @EnumSource
  void whatIsWrittenCarriesOnlyResultsOfItsOwn(Variant variant) throws IOException {
    String run = dir.resolve("run").toString();
    evaluatedAsTrained(new Path(run, "checkpoints"));
    String file = dir.resolve("converted.safetensors").toString();
    String which = variant.name().toLowerCase(Locale.ROOT);

    Said said = Said.of("convert", run, file, "--variant", which);

    assertThat(said.exit()).as(said.text()).isZero();
    ModelWeights converted = ModelWeights.load(CONF, new Path(file), Variant.MODEL);
    assertThat(converted.meta().orElseThrow().metrics())
        .isEqualTo(variant == Variant.MODEL ? MEASURED : Map.of());
  }

  private static void evaluatedAsTrained(Path checkpoints) throws IOException {
    String recipe =
        RecipeLoader.load("efficientvim_m1_imagenet", List.of("evaluation.weights=model")).render();
    CheckpointMeta meta =
        new CheckpointMeta("efficientvim_m1", 4, 64, 7, 1, List.of(), Map.of(), recipe, MEASURED);
    List<NamedTensor> weights = List.of(NamedTensor.floats("x", new long[] {1}, 1f));
    new CheckpointStore(CONF, checkpoints)
        .write(meta, weights, weights, List.of(NamedTensor.scalar("step", 7)));
  }
}
