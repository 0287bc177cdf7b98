package io.elapid.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  private static final Configuration CONF = new Configuration();
  private static final CheckpointMeta META = CheckpointStoreTest.meta(30, Map.of());

  @TempDir java.nio.file.Path dir;

  @Test
  void aModelReadsLikeACheckpointAndDamageIsNoticed() throws IOException {
    write("m", 1f, Existing.REFUSE, text("a page"));
    ModelWeights weights = load();
    assertThat(weights.meta().orElseThrow()).isEqualTo(META);
    assertThat(weights.tensors().get("head.weight").floats().get(0)).isEqualTo(1f);
    java.nio.file.Path file = dir.resolve("m/model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(this::load)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("its SHA-256 is not the manifest's");
  }

  @Test
  void whatIsThereStaysUnlessReplacingIsAskedFor() throws IOException {
    Files.createDirectories(dir.resolve("m"));
    write("m", 1f, Existing.REFUSE, text("old"));
    assertThatThrownBy(() -> write("m", 2f, Existing.REFUSE, text("new")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is there already");
    assertThat(load().tensors().get("head.weight").floats().get(0)).isEqualTo(1f);
    write("m", 2f, Existing.REPLACE, text("new"));
    assertThat(load().tensors().get("head.weight").floats().get(0)).isEqualTo(2f);
    assertThat(dir.resolve("m/README.md")).hasContent("new");
    assertNothingElse();
  }

  @Test
  void aFolderOfOtherThingsAndACheckpointOfARunAreNeverReplaced() throws IOException {
    Files.createDirectories(dir.resolve("letters"));
    Files.writeString(dir.resolve("letters/a.txt"), "dear");
    Path run =
        new CheckpointStore(CONF, new Path(dir.resolve("checkpoints").toUri()))
            .write(META, CheckpointStoreTest.weights(1f), List.of(), List.of());
    for (Path path : new Path[] {new Path(dir.resolve("letters").toUri()), run}) {
      assertThatThrownBy(() -> ModelFolder.create(CONF, path, Existing.REPLACE))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("is no exported model");
    }
  }

  @Test
  void aWriterThatFailsLeavesWhatWasThere() throws IOException {
    write("m", 1f, Existing.REFUSE, text("old"));
    Content failing =
        out -> {
          out.write(1);
          throw new IOException("disk full");
        };
    assertThatThrownBy(() -> write("m", 2f, Existing.REPLACE, failing)).hasMessage("disk full");
    assertThat(load().tensors().get("head.weight").floats().get(0)).isEqualTo(1f);
    assertThat(dir.resolve("m/README.md")).hasContent("old");
    assertNothingElse();
  }

  private void assertNothingElse() throws IOException {
    try (Stream<java.nio.file.Path> all = Files.list(dir)) {
      assertThat(all.map(path -> path.getFileName().toString())).containsExactly("m");
    }
  }

  private static Content text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private void write(String name, float value, Existing existing, Content page) throws IOException {
    ModelFolder.create(CONF, new Path(dir.resolve(name).toUri()), existing)
        .write(META, CheckpointStoreTest.weights(value), Map.of("README.md", page));
  }

  private ModelWeights load() throws IOException {
    return ModelWeights.load(CONF, new Path(dir.resolve("m").toUri()), ModelWeights.Variant.MODEL);
  }
}
