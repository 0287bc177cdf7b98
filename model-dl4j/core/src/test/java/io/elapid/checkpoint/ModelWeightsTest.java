package io.elapid.checkpoint;

import static io.elapid.checkpoint.ModelWeights.Variant.EMA;
import static io.elapid.checkpoint.ModelWeights.Variant.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelWeightsTest {
  private static final Configuration CONF = new Configuration();

  @TempDir java.nio.file.Path dir;

  @Test
  void weightsAreFoundInACheckpointItsStoreAndItsRun() throws IOException {
    Path folder = run(MODEL);
    for (Path path : List.of(folder, folder.getParent(), folder.getParent().getParent())) {
      ModelWeights weights = ModelWeights.load(CONF, path, MODEL);
      assertThat(weights.tensors().get("head.weight").floats().get(0)).isEqualTo(1f);
      assertThat(weights.meta().orElseThrow()).isEqualTo(CheckpointStoreTest.meta(30, Map.of()));
      assertThat(weights.source()).endsWith("step-000000030/model.safetensors");
    }
  }

  @Test
  void theMovingAverageIsGivenOnRequestAndMissedWhenAbsent() throws IOException {
    ModelWeights ema = ModelWeights.load(CONF, run(EMA), EMA);
    assertThat(ema.tensors().get("head.weight").floats().get(0)).isEqualTo(2f);
    Path without = run(MODEL);
    assertThatThrownBy(() -> ModelWeights.load(CONF, without, EMA))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("holds no moving average");
    assertThatThrownBy(() -> ModelWeights.load(CONF, without.getParent().getParent(), EMA))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("step-000000030 holds no moving average");
  }

  @Test
  void aSingleFileTakenFromACheckpointStillKnowsWhatItIs() throws IOException {
    java.nio.file.Path file = dir.resolve("copied.safetensors");
    Files.copy(java.nio.file.Path.of(run(MODEL).toUri()).resolve("model.safetensors"), file);
    ModelWeights weights = ModelWeights.load(CONF, new Path(file.toUri()), MODEL);
    assertThat(weights.meta().orElseThrow()).isEqualTo(CheckpointStoreTest.meta(30, Map.of()));
  }

  @Test
  void aFileOfAnotherProgramHasTensorsOnly() throws IOException {
    java.nio.file.Path file = dir.resolve("foreign.safetensors");
    try (OutputStream out = Files.newOutputStream(file)) {
      Safetensors.write(out, Map.of("format", "pt"), CheckpointStoreTest.weights(1f));
    }
    ModelWeights weights = ModelWeights.load(CONF, new Path(file.toUri()), MODEL);
    assertThat(weights.meta()).isEmpty();
    assertThat(weights.tensors()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "class-labels|null",
        "class-labels|[null]",
        "provenance|null",
        "metrics|null",
        "metrics|{\"top1\":null}"
      })
  void whatElapidWouldNotHaveWrittenIsRefused(String key, String value) throws IOException {
    Map<String, String> metadata =
        new LinkedHashMap<>(WeightMetadata.encode(CheckpointStoreTest.meta(30, Map.of())));
    metadata.put("elapid." + key, value);
    java.nio.file.Path file = dir.resolve("odd.safetensors");
    try (OutputStream out = Files.newOutputStream(file)) {
      Safetensors.write(out, metadata, CheckpointStoreTest.weights(1f));
    }
    assertThatThrownBy(() -> load("odd.safetensors"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("odd.safetensors: its metadata elapid.* cannot be read");
  }

  @Test
  void placesWithoutWeightsAreNamed() throws IOException {
    assertThatThrownBy(() -> load("absent")).hasMessageContaining("absent does not exist");
    Files.createDirectories(dir.resolve("empty"));
    assertThatThrownBy(() -> load("empty")).hasMessageContaining("empty holds no usable");
    Files.writeString(dir.resolve("text.safetensors"), "hello, world");
    assertThatThrownBy(() -> load("text.safetensors"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("text.safetensors is not a safetensors file");
  }

  @Test
  void weightsOfAnotherNetworkAreListedOnce() {
    Map<String, NamedTensor> given = new LinkedHashMap<>();
    for (NamedTensor tensor : CheckpointStoreTest.weights(1f)) {
      given.put(tensor.name(), tensor);
    }
    given.put("extra", NamedTensor.scalar("extra", 1));
    given.put("bn.num_batches_tracked", NamedTensor.scalar("bn.num_batches_tracked", 1));
    Map<String, long[]> expected = new LinkedHashMap<>();
    expected.put("head.weight", new long[] {5, 1});
    expected.put("head.bias", new long[] {2});
    for (int i = 0; i < 10; i++) {
      expected.put("stem." + i, new long[] {1});
    }
    assertThatThrownBy(() -> StateDict.requireMatch("w.safetensors", "net", given, expected))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "w.safetensors does not fit net: 10 missing: stem.0, stem.1, stem.2, stem.3, stem.4,"
                + " stem.5, stem.6, stem.7, ...; 1 unexpected: extra; 1 of another shape:"
                + " head.weight [2, 1] instead of [5, 1]");
    expected.keySet().removeIf(name -> name.startsWith("stem"));
    expected.put("head.weight", new long[] {2, 1});
    given.remove("extra");
    StateDict.requireMatch("w.safetensors", "net", given, expected);
  }

  @Test
  void provenanceNamesCodeMachineAndTime() {
    Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05.678Z"), ZoneOffset.UTC);
    Map<String, String> provenance = Provenance.here(clock, Map.of("spark", "3.5.9"));
    assertThat(provenance)
        .containsEntry("time", "2026-01-02T03:04:05Z")
        .containsEntry("spark", "3.5.9")
        .containsKeys("code", "jvm", "os", "machine");
    assertThat(provenance.get("jvm")).contains(System.getProperty("java.runtime.version"));
  }

  private ModelWeights load(String name) throws IOException {
    return ModelWeights.load(CONF, new Path(dir.resolve(name).toString()), MODEL);
  }

  private Path run(ModelWeights.Variant kept) throws IOException {
    Path checkpoints = new Path(dir.resolve("run-" + kept + "/checkpoints").toUri());
    return new CheckpointStore(CONF, checkpoints)
        .write(
            CheckpointStoreTest.meta(30, Map.of()),
            CheckpointStoreTest.weights(1f),
            kept == EMA ? CheckpointStoreTest.weights(2f) : List.of(),
            List.of());
  }
}
