package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.SplitMix;
import io.elapid.data.augment.CenterCrop;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.ResizeShortSide;
import io.elapid.data.shard.Manifest;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.source.SampleRef;
import io.elapid.data.source.TargetRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as disks, networks and people leave them, all the way from the folder to the batch. */
class MutatedFilesTest {
  private static final int FILES = 2000;
  private static final int SIZE = 16;

  @TempDir Path temp;

  @Test
  void everyFileEndsInABatchOrInACount() throws Exception {
    List<SampleRef> refs = mutatedFiles();
    Path root = temp.resolve("shards");
    Manifest manifest =
        Prepared.write(root, Map.of("train", refs), List.of(new ClassLabel(0, "a", "a")), 3, 64);
    assertThat(manifest.rows("train") + manifest.quarantined()).isEqualTo(FILES);
    assertThat(manifest.quarantined()).isBetween(FILES / 10L, FILES * 9L / 10);

    Set<String> seen = new HashSet<>();
    long skipped = 0;
    for (int rank = 0; rank < 2; rank++) {
      try (BatchLoader<Batch> loader =
          BatchLoader.evaluation(
              new Configuration(), Samples.hadoop(root), "train", settings(), rank, 2, 32)) {
        for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
          for (String id : batch.ids()) {
            assertThat(seen.add(id)).as(id).isTrue();
          }
          loader.recycle(batch);
        }
        skipped += loader.skipped();
      }
    }
    assertThat(skipped).as("damage that only decoding finds").isPositive();
    assertThat(seen.size() + skipped).isEqualTo(manifest.rows("train"));
  }

  private List<SampleRef> mutatedFiles() throws IOException {
    List<Path> pictures;
    try (Stream<Path> walk = Files.walk(Samples.FOLDERS.resolve("train"))) {
      pictures = walk.filter(f -> f.toString().endsWith(".JPEG")).sorted().toList();
    }
    SplitMix random = new SplitMix(77);
    List<SampleRef> refs = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = Files.readAllBytes(pictures.get(random.nextInt(pictures.size())));
      byte[] mutated = mutate(bytes, random);
      // A wrong extension is no mutation: names are not looked at.
      Path file = temp.resolve(i + (i % 3 == 0 ? ".png" : ".jpg"));
      Files.write(file, mutated);
      refs.add(
          new SampleRef(
              "train",
              "train/a/" + file.getFileName(),
              file.toUri().toString(),
              0,
              mutated.length,
              new TargetRef.OfClass(0)));
    }
    return refs;
  }

  private static byte[] mutate(byte[] bytes, SplitMix random) {
    if (bytes.length == 0) {
      return bytes;
    }
    switch (random.nextInt(6)) {
      case 0 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      case 1 -> Arrays.fill(bytes, random.nextInt(bytes.length), bytes.length, (byte) 0);
      case 2 -> hugeSize(bytes, random);
      case 3 -> bytes[random.nextInt(Math.min(300, bytes.length))] = (byte) random.nextInt(256);
      default -> {
        for (int i = 0; i < 1 + random.nextInt(30); i++) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return bytes;
  }

  /** Up to 65,535 pixels each way in the frame header. */
  private static void hugeSize(byte[] bytes, SplitMix random) {
    for (int i = 0; i + 9 < bytes.length; i++) {
      boolean frame = bytes[i + 1] == (byte) 0xC0 || bytes[i + 1] == (byte) 0xC2;
      if (bytes[i] == (byte) 0xFF && frame) {
        for (int k = 5; k < 9; k++) {
          bytes[i + k] = (byte) (0x20 + random.nextInt(0xE0));
        }
        return;
      }
    }
  }

  private static LoaderSettings settings() {
    return new LoaderSettings(
        List.of(new ResizeShortSide(SIZE, Interpolation.BILINEAR), new CenterCrop(SIZE)),
        Normalization.imageNet(),
        SIZE,
        1,
        0,
        1,
        2,
        2,
        Duration.ofSeconds(60),
        FILES);
  }
}
