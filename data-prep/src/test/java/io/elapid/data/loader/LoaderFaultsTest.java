package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.augment.CenterCrop;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.ResizeShortSide;
import io.elapid.data.augment.Transform;
import io.elapid.data.shard.Manifest;
import io.elapid.data.source.ClassLabel;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.SampleRef;
import io.elapid.data.source.TargetRef;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What can go wrong with data ends in one line that names it, or in a counted replacement. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoaderFaultsTest {
  private static final Configuration CONF = new Configuration();

  @TempDir Path temp;

  @Test
  void replacesAnUnreadableSampleTheSameWayEverywhere() throws Exception {
    org.apache.hadoop.fs.Path dataset = withDamage(30, 2);
    ShardPlan whole = new ShardPlan(2, 0, 2, 5);
    List<List<String>> reference = new ArrayList<>();
    try (BatchLoader<Batch> loader =
        BatchLoader.training(CONF, dataset, "train", settings(1, 2, 2), whole, 0)) {
      for (int i = 0; i < 24; i++) {
        Batch batch = loader.next();
        assertThat(batch.size()).isEqualTo(5);
        assertThat(batch.ids()).noneMatch(id -> id.startsWith("damaged"));
        reference.add(batch.ids());
      }
      assertThat(loader.skipped()).isEqualTo(2);
    }
    for (int shard = 0; shard < 2; shard++) {
      ShardPlan half = new ShardPlan(2, shard, 1, 5);
      try (BatchLoader<Batch> loader =
          BatchLoader.training(CONF, dataset, "train", settings(1, 2, 2), half, 0)) {
        for (int step = 0; step < 12; step++) {
          assertThat(loader.next().ids()).isEqualTo(reference.get(2 * step + shard));
        }
      }
    }
  }

  @Test
  void evaluationLeavesUnreadableSamplesOutInsteadOfCountingOthersTwice() throws Exception {
    org.apache.hadoop.fs.Path dataset = withDamage(30, 3);
    List<String> ids = new ArrayList<>();
    try (BatchLoader<Batch> loader =
        BatchLoader.evaluation(CONF, dataset, "train", settings(1, 3, 2), 0, 1, 8)) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        ids.addAll(batch.ids());
        assertThat(batch.labels()).containsOnly(1);
        assertThat(batch.seeds()).hasSize(batch.size()).doesNotHaveDuplicates();
        for (int row = 0; row < batch.capacity(); row++) {
          float target = batch.targets().asFloatBuffer().get(row * 2 + 1);
          assertThat(target).isEqualTo(row < batch.size() ? 1f : 0f);
        }
      }
      assertThat(loader.skipped()).isEqualTo(3);
    }
    assertThat(ids).hasSize(27).doesNotHaveDuplicates();
  }

  @Test
  void givesUpWhenTooManySamplesAreUnreadable() throws Exception {
    org.apache.hadoop.fs.Path dataset = withDamage(30, 3);
    try (BatchLoader<Batch> loader =
        BatchLoader.evaluation(CONF, dataset, "train", settings(1, 2, 2), 0, 1, 30)) {
      assertThatThrownBy(loader::next)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("more than 2 unreadable samples")
          .hasMessageContaining("damaged");
      assertThatThrownBy(loader::next).isInstanceOf(InputException.class);
    }
    org.apache.hadoop.fs.Path all = withDamage(5, 5);
    try (BatchLoader<Batch> loader =
        BatchLoader.training(CONF, all, "train", settings(1, 9, 2), new ShardPlan(1, 0, 1, 5), 0)) {
      assertThatThrownBy(loader::next).hasMessageContaining("every sample of a batch");
    }
  }

  @Test
  void namesTheFileThatIsMissingOrHasAnotherLength() throws Exception {
    Prepared.samples(temp.resolve("set"), 3, 6);
    org.apache.hadoop.fs.Path dataset = Samples.hadoop(temp.resolve("set"));
    Path shard = temp.resolve("set/train/part-00001-of-00003.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(bytes, bytes.length - 1));
    assertOpenRefused(dataset, "train/part-00001-of-00003.parquet has " + (bytes.length - 1));
    Files.delete(shard);
    assertOpenRefused(dataset, "train/part-00001-of-00003.parquet is missing");
    for (String name : Samples.names(temp.resolve("set/train"))) {
      Files.delete(temp.resolve("set/train").resolve(name));
    }
    Files.delete(temp.resolve("set/train"));
    assertOpenRefused(dataset, "train is missing");
    Files.delete(temp.resolve("set/_SUCCESS"));
    assertOpenRefused(dataset, "not a finished data set");
  }

  @Test
  void namesTheFileWhoseContentIsDamaged() throws Exception {
    Prepared.samples(temp.resolve("set"), 1, 6);
    org.apache.hadoop.fs.Path dataset = Samples.hadoop(temp.resolve("set"));
    Path shard = temp.resolve("set/train/part-00000-of-00001.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);
    try (BatchLoader<Batch> loader = train(dataset, 6)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 40; i++) {
                  loader.next();
                }
              })
          .isInstanceOf(InputException.class)
          .hasMessageContaining("part-00000-of-00001.parquet");
    }
  }

  /** As by preparing other pictures into the folder of a run that goes on. */
  @Test
  void readsNoShardThatWasReplacedAfterTheSplitWasOpened() throws Exception {
    ImageNetSource source = ImageNetSource.open(CONF, Samples.hadoop(Samples.FOLDERS));
    List<SampleRef> refs = new ArrayList<>();
    for (ListingUnit unit : source.units()) {
      refs.addAll(Prepared.pictures(source, unit));
    }
    Map<String, List<SampleRef>> first = Map.of("train", refs.subList(0, 20));
    Map<String, List<SampleRef>> second = Map.of("train", refs.subList(20, 40));
    Manifest manifest = Prepared.write(temp.resolve("a"), first, source.classes(), 1, 8);
    Prepared.write(temp.resolve("b"), second, source.classes(), 1, 8);
    String shard = manifest.shards("train").get(0).file();
    BitSet all = new BitSet();
    all.set(0, 8);
    try (SplitFiles files =
        SplitFiles.open(CONF, Samples.hadoop(temp.resolve("a")), manifest, "train")) {
      Files.copy(
          temp.resolve("b").resolve(shard),
          temp.resolve("a").resolve(shard),
          StandardCopyOption.REPLACE_EXISTING);
      assertThatThrownBy(() -> files.read(0, all))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(shard + " has ")
          .hasMessageContaining("the manifest said " + manifest.shards("train").get(0).bytes());
    }
  }

  @Test
  void refusesADataSetOfOtherClassesOrSmallerThanABatch() throws Exception {
    Prepared.samples(temp.resolve("set"), 1, 6);
    org.apache.hadoop.fs.Path dataset = Samples.hadoop(temp.resolve("set"));
    assertThatThrownBy(() -> train(dataset, 1000))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has 6 classes, the model 1000");
    LoaderSettings settings = settings(1, 0, 6);
    assertThatThrownBy(
            () ->
                BatchLoader.training(
                    CONF, dataset, "train", settings, new ShardPlan(2, 0, 2, 48), 0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has 94 samples, one batch takes 96");
    assertThatThrownBy(() -> BatchLoader.evaluation(CONF, dataset, "test", settings, 0, 1, 4))
        .hasMessageContaining("no split \"test\"");
  }

  @Test
  void namesTheSampleThatDoesNotFitTheNetwork() throws Exception {
    Prepared.samples(temp.resolve("set"), 1, 6);
    LoaderSettings wrong =
        new LoaderSettings(
            List.of(new CenterCrop(20)),
            Normalization.imageNet(),
            24,
            6,
            0,
            1,
            1,
            2,
            Duration.ofSeconds(20),
            0);
    try (BatchLoader<Batch> loader =
        BatchLoader.evaluation(CONF, Samples.hadoop(temp.resolve("set")), "val", wrong, 0, 1, 4)) {
      assertThatThrownBy(loader::next)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("sample val/n")
          .hasMessageContaining("20 x 20 after the transforms, the network takes 24 x 24");
    }
  }

  @Test
  void aConsumerWaitsNoLongerThanItsDeadline() throws Exception {
    Prepared.samples(temp.resolve("set"), 1, 6);
    LoaderSettings hasty =
        new LoaderSettings(
            List.of(new CenterCrop(700)),
            Normalization.imageNet(),
            700,
            6,
            0,
            1,
            1,
            1,
            Duration.ofNanos(1),
            0);
    try (BatchLoader<Batch> loader =
        BatchLoader.evaluation(CONF, Samples.hadoop(temp.resolve("set")), "val", hasty, 0, 1, 24)) {
      assertThatThrownBy(loader::next)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no batch of split \"val\" within");
    }
  }

  @Test
  void closingStopsTheThreadsWhereverTheyAre() throws Exception {
    Prepared.samples(temp.resolve("set"), 1, 6);
    for (int taken = 0; taken < 6; taken++) {
      BatchLoader<Batch> loader = train(Samples.hadoop(temp.resolve("set")), 6);
      for (int i = 0; i < taken; i++) {
        loader.next();
      }
      loader.close();
      assertThatThrownBy(loader::next).isInstanceOf(IllegalStateException.class);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().matches("elapid-(read|decode)-train.*"));
  }

  private static void assertOpenRefused(org.apache.hadoop.fs.Path dataset, String message) {
    assertThatThrownBy(() -> train(dataset, 6))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  private static BatchLoader<Batch> train(org.apache.hadoop.fs.Path dataset, int classes)
      throws IOException {
    return BatchLoader.training(
        CONF, dataset, "train", settings(1, 0, classes), new ShardPlan(1, 0, 1, 8), 0);
  }

  @Test
  void aPictureTooThinForItsTransformsIsLeftOutLikeADamagedOne() throws Exception {
    ByteArrayOutputStream thin = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(20_000, 1, BufferedImage.TYPE_INT_RGB), "png", thin);
    org.apache.hadoop.fs.Path dataset = withDamage(12, 1, thin.toByteArray());
    ResizeShortSide resize = ResizeShortSide.forCrop(224, 0.875, Interpolation.BILINEAR);
    LoaderSettings settings = settings(1, 1, 2, List.of(resize, new CenterCrop(24)));
    List<String> ids = new ArrayList<>();
    try (BatchLoader<Batch> loader =
        BatchLoader.evaluation(CONF, dataset, "train", settings, 0, 1, 8)) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        ids.addAll(batch.ids());
      }
      assertThat(loader.skipped()).isEqualTo(1);
    }
    assertThat(ids).hasSize(11).noneMatch(id -> id.startsWith("damaged"));
  }

  private static LoaderSettings settings(int threads, int maxCorrupt, int classes) {
    return settings(threads, maxCorrupt, classes, List.of(new CenterCrop(24)));
  }

  private static LoaderSettings settings(
      int threads, int maxCorrupt, int classes, List<Transform> transforms) {
    return new LoaderSettings(
        transforms,
        Normalization.imageNet(),
        24,
        classes,
        0,
        1,
        threads,
        2,
        Duration.ofSeconds(20),
        maxCorrupt);
  }

  /** A data set of one class in which some pictures are whole in structure but not in pixels. */
  private org.apache.hadoop.fs.Path withDamage(int samples, int damaged) throws IOException {
    byte[] good = good();
    byte[] bad = Arrays.copyOf(good, good.length * 2 / 3);
    bad[bad.length - 2] = (byte) 0xFF;
    bad[bad.length - 1] = (byte) 0xD9;
    return withDamage(samples, damaged, bad);
  }

  private static byte[] good() throws IOException {
    return Files.readAllBytes(Samples.FOLDERS.resolve("train/n90000047/n90000047_12141.JPEG"));
  }

  private org.apache.hadoop.fs.Path withDamage(int samples, int damaged, byte[] bad)
      throws IOException {
    Path folder = Files.createDirectories(temp.resolve("pictures-" + samples + "-" + damaged));
    byte[] good = good();
    List<SampleRef> refs = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      byte[] bytes = i < damaged ? bad : good;
      Path file = Files.write(folder.resolve(i + ".jpg"), bytes);
      String id = (i < damaged ? "damaged" : "good") + i;
      refs.add(
          new SampleRef(
              "train", id, file.toUri().toString(), 0, bytes.length, new TargetRef.OfClass(1)));
    }
    Path root = folder.resolve("set");
    Prepared.write(
        root,
        Map.of("train", refs),
        List.of(new ClassLabel(0, "a", "a"), new ClassLabel(1, "b", "b")),
        2,
        4);
    return Samples.hadoop(root);
  }
}
