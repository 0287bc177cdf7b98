package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.augment.Annotated;
import io.elapid.data.augment.CenterCrop;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.augment.ResizeShortSide;
import io.elapid.data.augment.Transform;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.target.WholePicture;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchLoaderTest {
  private static final Configuration CONF = new Configuration();
  private static final int SIZE = 24;
  private static final int SHARDS = 4;
  private static final int PER_SHARD = 5;

  @TempDir static Path temp;
  private static org.apache.hadoop.fs.Path dataset;

  @BeforeAll
  static void prepare() throws Exception {
    Prepared.samples(temp.resolve("set"), 3, 6);
    dataset = Samples.hadoop(temp.resolve("set"));
  }

  /** What a consumer sees of a batch. */
  private record Seen(List<String> ids, List<Long> seeds, List<Float> images, List<Float> targets) {
    static Seen of(Batch batch) {
      return new Seen(
          batch.ids(),
          Arrays.stream(batch.seeds()).boxed().toList(),
          floats(batch.images().asFloatBuffer()),
          floats(batch.targets().asFloatBuffer()));
    }

    private static List<Float> floats(FloatBuffer buffer) {
      List<Float> values = new ArrayList<>();
      while (buffer.hasRemaining()) {
        values.add(buffer.get());
      }
      return values;
    }
  }

  @Test
  void anyNumberOfRanksAndThreadsSeesTheSameBatches() throws Exception {
    int steps = 9;
    List<Seen> alone = train(ShardPlan.of(SHARDS, 0, 1, PER_SHARD), 1, 0, steps * SHARDS);
    for (int ranks : new int[] {2, 4}) {
      List<List<Seen>> perRank = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        ShardPlan plan = ShardPlan.of(SHARDS, rank, ranks, PER_SHARD);
        perRank.add(train(plan, 1 + rank, 0, steps * plan.count()));
      }
      int count = SHARDS / ranks;
      for (int step = 0; step < steps; step++) {
        for (int shard = 0; shard < SHARDS; shard++) {
          assertThat(perRank.get(shard / count).get(step * count + shard % count))
              .isEqualTo(alone.get(step * SHARDS + shard));
        }
      }
    }
  }

  @Test
  void resumesAtAnyStepAsIfNothingHadHappened() throws Exception {
    ShardPlan plan = ShardPlan.of(SHARDS, 0, 1, PER_SHARD);
    int steps = 11;
    List<Seen> whole = train(plan, 2, 0, steps * SHARDS);
    for (int start = 1; start < steps; start++) {
      List<Seen> rest = train(plan, 2, start, (steps - start) * SHARDS);
      assertThat(rest).isEqualTo(whole.subList(start * SHARDS, whole.size()));
    }
  }

  @Test
  void anEpochHasNoSampleTwiceAndTheNextIsAnother() throws Exception {
    ShardPlan plan = ShardPlan.of(SHARDS, 0, 1, PER_SHARD);
    List<Seen> batches = train(plan, 2, 0, 8 * SHARDS);
    List<String> first = ids(batches.subList(0, 4 * SHARDS));
    List<String> second = ids(batches.subList(4 * SHARDS, 8 * SHARDS));
    assertThat(first).hasSize(4 * SHARDS * PER_SHARD).doesNotHaveDuplicates();
    assertThat(second).doesNotHaveDuplicates().isNotEqualTo(first);
  }

  @Test
  void everySampleOfEveryEpochHasASeedOfItsOwn() throws Exception {
    List<Seen> batches = train(ShardPlan.of(SHARDS, 0, 1, PER_SHARD), 2, 0, 8 * SHARDS);
    List<Long> seeds = batches.stream().flatMap(batch -> batch.seeds().stream()).toList();
    assertThat(seeds).hasSize(8 * SHARDS * PER_SHARD).doesNotHaveDuplicates();
  }

  private static List<String> ids(List<Seen> batches) {
    return batches.stream().flatMap(batch -> batch.ids().stream()).toList();
  }

  private static List<Seen> train(ShardPlan plan, int threads, long start, int batches)
      throws Exception {
    LoaderSettings settings = settings(random(), threads, 6);
    List<Seen> seen = new ArrayList<>();
    try (BatchLoader loader = BatchLoader.training(CONF, dataset, "train", settings, plan, start)) {
      assertThat(loader.stepsPerEpoch()).isEqualTo(94 / SHARDS / PER_SHARD);
      for (int i = 0; i < batches; i++) {
        Batch batch = loader.next();
        assertThat(batch.size()).isEqualTo(PER_SHARD).isEqualTo(batch.capacity());
        seen.add(Seen.of(batch));
        loader.recycle(batch);
      }
      assertThat(loader.skipped()).isZero();
    }
    return seen;
  }

  @Test
  void evaluationSeesEverySampleOnceOverAllRanks() throws Exception {
    for (int ranks : new int[] {1, 2, 3, 4, 25}) {
      List<String> ids = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        LoaderSettings settings = settings(fixed(), 2, 6);
        try (BatchLoader loader =
            BatchLoader.evaluation(CONF, dataset, "val", settings, rank, ranks, 7)) {
          long batches = 0;
          for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
            assertThat(batch.ids()).hasSize(batch.size());
            assertThat(batch.labels()).hasSize(batch.size());
            assertThat(batch.capacity()).isEqualTo(7);
            assertZeroFrom(batch, batch.size());
            ids.addAll(batch.ids());
            batches++;
            loader.recycle(batch);
          }
          assertThat(loader.next()).as("the end stays the end").isNull();
          assertThat(loader.stepsPerEpoch()).isEqualTo(batches);
        }
      }
      assertThat(ids).hasSize(24).doesNotHaveDuplicates();
    }
  }

  private static void assertZeroFrom(Batch batch, int row) {
    FloatBuffer images = batch.images().asFloatBuffer();
    for (int i = row * 3 * SIZE * SIZE; i < images.capacity(); i++) {
      assertThat(images.get(i)).isZero();
    }
    FloatBuffer targets = batch.targets().asFloatBuffer();
    for (int i = row * 6; i < targets.capacity(); i++) {
      assertThat(targets.get(i)).isZero();
    }
  }

  @Test
  void rowsAreTheTransformedPictureNormalisedAndSmoothedTargets() throws Exception {
    List<Transform> transforms = fixed();
    LoaderSettings settings = settings(transforms, 1, 6);
    float[] table = Normalization.imageNet().table();
    try (BatchLoader loader = BatchLoader.evaluation(CONF, dataset, "val", settings, 0, 1, 24)) {
      Batch batch = loader.next();
      for (int row = 0; row < 24; row++) {
        Image image =
            ImageCodec.decode(Files.readAllBytes(Samples.FOLDERS.resolve(batch.ids().get(row))));
        image =
            new Pipeline(transforms)
                .apply(Annotated.of(image, new WholePicture(0)), batch.seeds()[row])
                .image();
        FloatBuffer expected = FloatBuffer.allocate(3 * SIZE * SIZE);
        Normalization.write(image, table, expected, 0);
        float[] actual = new float[3 * SIZE * SIZE];
        batch.images().asFloatBuffer().get(row * actual.length, actual);
        assertThat(actual).isEqualTo(expected.array());
        for (int c = 0; c < 6; c++) {
          float target = batch.targets().asFloatBuffer().get(row * 6 + c);
          double smooth = 0.1 / 6 + (c == batch.labels()[row] ? 0.9 : 0);
          assertThat((double) target).isCloseTo(smooth, within(1e-7));
        }
      }
      assertThat(batch.images().isDirect()).isTrue();
      assertThat(batch.images().order()).isEqualTo(java.nio.ByteOrder.nativeOrder());
    }
  }

  @Test
  void augmentationDiffersBetweenEpochs() throws Exception {
    ShardPlan plan = new ShardPlan(1, 0, 1, 94);
    List<Seen> epochs = new ArrayList<>();
    try (BatchLoader loader =
        BatchLoader.training(CONF, dataset, "train", settings(random(), 2, 6), plan, 0)) {
      epochs.add(Seen.of(loader.next()));
      epochs.add(Seen.of(loader.next()));
    }
    String id = epochs.get(0).ids().get(0);
    int again = epochs.get(1).ids().indexOf(id);
    int floats = 3 * SIZE * SIZE;
    assertThat(epochs.get(1).images().subList(again * floats, (again + 1) * floats))
        .isNotEqualTo(epochs.get(0).images().subList(0, floats));
  }

  @Test
  void buffersGoRound() throws Exception {
    LoaderSettings settings = settings(random(), 1, 6);
    ShardPlan plan = new ShardPlan(1, 0, 1, 8);
    List<Integer> buffers = new ArrayList<>();
    try (BatchLoader loader = BatchLoader.training(CONF, dataset, "train", settings, plan, 0)) {
      for (int i = 0; i < 40; i++) {
        Batch batch = loader.next();
        buffers.add(System.identityHashCode(batch.images()));
        loader.recycle(batch);
      }
    }
    assertThat(buffers.stream().distinct().count()).isLessThanOrEqualTo(settings.prefetch() + 2L);
  }

  @Test
  void planSharesShardsOutEvenly() {
    assertThat(ShardPlan.of(8, 2, 3, 4)).isEqualTo(new ShardPlan(8, 5, 3, 4));
    assertThatThrownBy(() -> ShardPlan.of(2, 0, 3, 4)).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Transform> random() {
    return List.of(RandomResizedCrop.of(SIZE, Interpolation.BICUBIC), new HorizontalFlip(0.5));
  }

  private static List<Transform> fixed() {
    return List.of(
        ResizeShortSide.forCrop(SIZE, 0.875, Interpolation.BICUBIC), new CenterCrop(SIZE));
  }

  private static LoaderSettings settings(List<Transform> transforms, int threads, int classes) {
    return new LoaderSettings(
        transforms,
        Normalization.imageNet(),
        SIZE,
        classes,
        0.1,
        42,
        threads,
        3,
        Duration.ofSeconds(30),
        0);
  }
}
