package io.elapid.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.data.source.ClassLabel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  private static final Configuration CONF = new Configuration();
  private static final List<NamedTensor> STATE = List.of(NamedTensor.scalar("step", 7));

  private static final Retention.Best HIGHEST = new Retention.Best("top1", Retention.Order.HIGHEST);

  @TempDir java.nio.file.Path dir;
  private CheckpointStore store;

  @BeforeEach
  void open() throws IOException {
    store = new CheckpointStore(CONF, new Path(dir.resolve("checkpoints").toUri()));
  }

  @Test
  void aStoreWithoutCheckpointsIsEmpty() throws IOException {
    assertThat(store.newest()).isEmpty();
    assertThat(store.folders()).isEmpty();
    store.clean();
    store.retain(Retention.newest(1), Long.MAX_VALUE);
  }

  @Test
  void everythingThatWasWrittenIsReadBack() throws IOException {
    CheckpointMeta meta = meta(40, Map.of("top1", 0.75, "loss", Double.NaN));
    Path folder = store.write(meta, weights(1f), weights(2f), STATE);
    assertThat(folder.getName()).isEqualTo("step-000000040");
    Checkpoint read = store.newest().orElseThrow();
    assertThat(read.path()).isEqualTo(folder);
    assertThat(read.meta()).isEqualTo(meta);
    assertThat(read.model().get("head.weight").floats().get(0)).isEqualTo(1f);
    assertThat(read.ema().get("head.weight").floats().get(0)).isEqualTo(2f);
    assertThat(read.state().get("step").longs().get(0)).isEqualTo(7);
    assertThat(CheckpointStore.read(CONF, folder).meta()).isEqualTo(meta);
  }

  @Test
  void theNewestIsTheOneOfTheHighestStep() throws IOException {
    for (long step : new long[] {900, 1_000_000_000L, 20}) {
      write(step, 0.5);
    }
    assertThat(store.newest().orElseThrow().meta().step()).isEqualTo(1_000_000_000L);
    assertThat(store.newest().orElseThrow().ema()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "state.safetensors", "recipe.conf", "manifest.json"})
  void aDamagedNewestCheckpointIsPassedOver(String file) throws IOException {
    write(10, 0.5);
    java.nio.file.Path newest = local(write(20, 0.5)).resolve(file);
    for (Damage damage : Damage.values()) {
      byte[] healthy = Files.readAllBytes(newest);
      damage.inflict(newest);
      dropLocalChecksum(newest);
      assertThat(store.newest().orElseThrow().meta().step()).as("%s", damage).isEqualTo(10);
      assertThatThrownBy(() -> CheckpointStore.read(CONF, new Path(newest.getParent().toUri())))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(newest.getParent().toString())
          .hasMessageContaining(newest.getFileName().toString());
      Files.write(newest, healthy);
    }
    assertThat(store.newest().orElseThrow().meta().step()).isEqualTo(20);
  }

  @Test
  void whereTheNewestIsDeletedBeforeItWasReadTheNewestThenIsTaken() throws IOException {
    write(10, 0.9);
    write(20, 0.5);
    AtomicLong next = new AtomicLong(30);
    Optional<Checkpoint> read =
        store.newest(
            folder -> {
              long written = next.getAndAdd(10);
              if (written <= 40) {
                write(written, 0.5);
                store.retain(new Retention(1, List.of(HIGHEST)), written);
              }
              return folder.load();
            });
    assertThat(read.orElseThrow().meta().step()).isEqualTo(40);
    assertThat(store.folders()).as("the best stays").hasSize(2);
  }

  /** A power cut, which no handler sees, at that rename. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aCheckpointOutlivesAWriterThatDiesWhileItReplacesIt(int rename) throws IOException {
    write(10, 0.5);
    write(20, 0.5);
    CheckpointStore dying =
        new CheckpointStore(
            DyingFileSystem.configuration(), new Path("dying:" + dir.resolve("checkpoints")));
    DyingFileSystem.dieAt(rename);
    assertThatThrownBy(
            () -> dying.write(meta(20, Map.of("top1", 0.7)), weights(1f), List.of(), STATE))
        .isInstanceOf(DyingFileSystem.Death.class);

    store.clean();

    assertThat(store.newest().orElseThrow().meta().step()).isEqualTo(20);
    assertThat(dir.resolve("checkpoints").toFile().list()).hasSize(2);
  }

  @Test
  void newestOnesThatAreDeletedAgainAndAgainAreGivenUp() throws IOException {
    write(10, 0.5);
    AtomicLong next = new AtomicLong(20);
    assertThat(
            store.newest(
                folder -> {
                  long written = next.getAndAdd(10);
                  write(written, 0.5);
                  store.retain(Retention.newest(1), written);
                  return folder.load();
                }))
        .isEmpty();
    assertThat(next.get()).as("a bounded number of times").isLessThan(100);
  }

  /** What happens to files. */
  private enum Damage {
    CUT {
      @Override
      void inflict(java.nio.file.Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      }
    },
    FLIPPED {
      @Override
      void inflict(java.nio.file.Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[0] ^= 1;
        Files.write(file, bytes);
      }
    },
    APPENDED {
      @Override
      void inflict(java.nio.file.Path file) throws IOException {
        Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
      }
    },
    DELETED {
      @Override
      void inflict(java.nio.file.Path file) throws IOException {
        Files.delete(file);
      }
    };

    abstract void inflict(java.nio.file.Path file) throws IOException;
  }

  @Test
  void aBitThatFlippedUnderALocalChecksumIsDamageToo() throws IOException {
    write(10, 0.5);
    java.nio.file.Path newest = local(write(20, 0.5)).resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length - 1] ^= 1;
    Files.write(newest, bytes);
    assertThat(store.newest().orElseThrow().meta().step()).isEqualTo(10);
  }

  @Test
  void whereOnlyDamagedOnesExistThereIsNone() throws IOException {
    Files.delete(local(write(20, 0.5)).resolve("manifest.json"));
    assertThat(store.newest()).isEmpty();
  }

  @Test
  void aFolderThatWasNeverFinishedIsNotACheckpoint() throws IOException {
    Files.createDirectories(dir.resolve("checkpoints/step-000000001"));
    assertThatThrownBy(
            () ->
                CheckpointStore.read(
                    CONF, new Path(dir.resolve("checkpoints/step-000000001").toUri())))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is not a checkpoint: it has no manifest.json");
  }

  @Test
  void aManifestOfAnotherProgramOrVersionIsRefused() throws IOException {
    java.nio.file.Path manifest = local(write(5, 0.5)).resolve("manifest.json");
    String text = Files.readString(manifest);
    for (String other :
        List.of(
            text.replace("\"version\" : 1", "\"version\" : 2"),
            text.replace("elapid-checkpoint", "something-else"),
            text.replace("\"files\" : [", "\"files\" : [ null,"),
            "null",
            "{}",
            "[]")) {
      Files.writeString(manifest, other);
      dropLocalChecksum(manifest);
      assertThatThrownBy(() -> CheckpointStore.read(CONF, new Path(manifest.getParent().toUri())))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("not a checkpoint manifest");
    }
  }

  @Test
  void aFailedWriteLeavesWhatWasThere() throws IOException {
    write(20, 0.5);
    NamedTensor twice = NamedTensor.scalar("n", 1);
    CheckpointMeta meta = meta(20, Map.of());
    assertThatThrownBy(() -> store.write(meta, weights(9f), List.of(), List.of(twice, twice)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store.newest().orElseThrow().model().get("head.weight").floats().get(0))
        .isEqualTo(1f);
    assertThat(children("checkpoints")).containsExactly("step-000000020");
  }

  @Test
  void aCheckpointOfTheSameStepIsReplaced() throws IOException {
    write(20, 0.5);
    store.write(meta(20, Map.of()), weights(3f), List.of(), STATE);
    assertThat(store.newest().orElseThrow().model().get("head.weight").floats().get(0))
        .isEqualTo(3f);
    assertThat(children("checkpoints")).containsExactly("step-000000020");
  }

  @Test
  void leftoversOfAKilledWriterAreIgnoredAndCleaned() throws IOException {
    Path finished = write(20, 0.5);
    Files.createDirectories(dir.resolve("checkpoints/_writing-step-000000030-x"));
    Files.writeString(dir.resolve("checkpoints/notes.txt"), "mine");
    assertThat(store.folders()).containsExactly(finished);
    store.clean();
    assertThat(children("checkpoints")).containsExactlyInAnyOrder("step-000000020", "notes.txt");
  }

  @Test
  void retentionKeepsTheNewestAndTheBest() throws IOException {
    double[] accuracies = {0.2, 0.9, 0.5, 0.9, 0.1, 0.3};
    for (int i = 0; i < accuracies.length; i++) {
      write(i, accuracies[i]);
    }
    write(6, Double.NaN);
    store.retain(Retention.newestAndHighest(2, "top1"), 6);
    assertThat(steps()).containsExactly(6L, 5L, 3L);
    store.retain(new Retention(1, List.of(new Retention.Best("top1", Retention.Order.LOWEST))), 6);
    assertThat(steps()).containsExactly(6L, 5L);
    store.retain(Retention.newest(1), Long.MAX_VALUE);
    assertThat(steps()).containsExactly(6L);
    assertThat(children("checkpoints")).hasSize(1);
  }

  @Test
  void retentionDoesNotCountNorDeleteDamagedOnes() throws IOException {
    write(1, 0.1);
    write(2, 0.2);
    Files.delete(local(write(3, 0.3)).resolve("manifest.json"));
    store.retain(Retention.newest(1), Long.MAX_VALUE);
    assertThat(steps()).containsExactly(3L, 2L);
  }

  @Test
  void retentionKeepsWhatWasWrittenLastThoughDamagedOnesAreOfLaterSteps() throws IOException {
    write(1, 0.9);
    java.nio.file.Path damaged = local(write(5, 0.95));
    Files.write(damaged.resolve("model.safetensors"), new byte[] {1, 2, 3});
    write(2, 0.5);
    write(3, 0.4);
    store.retain(Retention.newestAndHighest(1, "top1"), 3);
    assertThat(steps()).containsExactly(5L, 3L, 1L);
  }

  @Test
  void aFullLocalDiskIsAFailureLikeAnyOtherAndLeavesNothing() throws IOException {
    write(1, 0.1);
    Configuration conf = FullDisk.configuration();
    Path folder = new Path("full://" + store.folders().get(0).getParent().toUri().getPath());
    CheckpointStore full = new CheckpointStore(conf, folder);
    assertThatThrownBy(() -> full.write(meta(2, Map.of()), weights(1f), List.of(), STATE))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device");
    assertThat(children("checkpoints")).containsExactly("step-000000001");
  }

  private Path write(long step, double top1) throws IOException {
    return store.write(meta(step, Map.of("top1", top1)), weights(1f), List.of(), STATE);
  }

  private List<Long> steps() throws IOException {
    return store.folders().stream().map(f -> Long.parseLong(f.getName().substring(5))).toList();
  }

  private Set<String> children(String folder) throws IOException {
    try (Stream<java.nio.file.Path> files = Files.list(dir.resolve(folder))) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(name -> !name.endsWith(".crc"))
          .collect(java.util.stream.Collectors.toSet());
    }
  }

  // Hadoop's local file system would report its own checksum before ours is looked at
  private static void dropLocalChecksum(java.nio.file.Path file) throws IOException {
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri());
  }

  static CheckpointMeta meta(long step, Map<String, Double> metrics) {
    return new CheckpointMeta(
        "efficientvim_m1",
        2,
        64,
        step,
        step / 10,
        List.of(new ClassLabel(0, "n01", "tench"), new ClassLabel(1, "n02", "caf\u00e9, \"bar\"")),
        Map.of("code", "test"),
        "seed = 1\n",
        metrics);
  }

  static List<NamedTensor> weights(float value) {
    return List.of(
        NamedTensor.floats("head.weight", new long[] {2, 1}, value, -value),
        NamedTensor.floats("head.bias", new long[] {2}, 0f, 1f));
  }
}
