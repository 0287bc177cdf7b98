package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.SplitMix;
import io.elapid.data.augment.BatchMix;
import io.elapid.data.augment.BytePhotometricDistortion;
import io.elapid.data.augment.ColorRanges;
import io.elapid.data.augment.Expand;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.KeepRatioResize;
import io.elapid.data.augment.MinIouCrop;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.Pad;
import io.elapid.data.augment.PhotometricDistortion;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.RandAugment;
import io.elapid.data.augment.RandomChoice;
import io.elapid.data.augment.RandomCrop;
import io.elapid.data.augment.RandomErasing;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.augment.RangeCrop;
import io.elapid.data.augment.RatioRangeResize;
import io.elapid.data.augment.ReduceZeroLabel;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.target.Instances;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The published augmentation in full, of all kinds of data sets: what a rank sees depends on seed,
 * epoch and position only.
 */
class LoaderDeterminismTest {
  private static final Configuration CONF = new Configuration();
  private static final int SHARDS = 4;
  private static final int EPOCHS = 3;
  private static final int CLASSIFICATION_SIZE = 24;

  @TempDir static Path temp;

  /** All there is to a batch: ids, seeds of augmentation, every pixel and target. */
  private record Seen(List<String> ids, List<Long> seeds, int images, int targets) {}

  /** A data set, how it is loaded, and how many batches an epoch has. */
  private enum Subject {
    CLASSES(3, 7, 1),
    REPEATED_CLASSES(3, 7, 3),
    OBJECTS(2, 4, 1),
    PIXELS(2, 5, 1);

    private final int perShard;
    private final int steps;
    private final int repeats;

    Subject(int perShard, int steps, int repeats) {
      this.perShard = perShard;
      this.steps = steps;
      this.repeats = repeats;
    }
  }

  @BeforeAll
  static void prepare() throws IOException {
    Prepared.samples(temp.resolve("imagenet"), 3, 7);
    Prepared.of(
        CocoSource.open(CONF, Samples.hadoop(Path.of("src/test/resources/coco"))),
        temp.resolve("coco"),
        3,
        7);
    Prepared.of(
        Ade20kSource.open(CONF, Samples.hadoop(Path.of("src/test/resources/ade20k"))),
        temp.resolve("ade20k"),
        3,
        7);
  }

  @ParameterizedTest
  @EnumSource
  void sameBatchesForAnyNumberOfRanksAndThreads(Subject subject) throws Exception {
    Map<Long, Seen> reference = epochs(subject, 1, 1);
    assertThat(reference).hasSize(EPOCHS * subject.steps * SHARDS);
    for (int ranks = 2; ranks <= 4; ranks++) {
      assertThat(epochs(subject, ranks, ranks == 3 ? 4 : 1)).isEqualTo(reference);
    }
    assertThat(epochs(subject, 1, 4)).isEqualTo(reference);
  }

  @ParameterizedTest
  @EnumSource
  void goesOnFromAnyPositionWithTheSameBatches(Subject subject) throws Exception {
    Map<Long, Seen> reference = epochs(subject, 1, 2);
    SplitMix random = new SplitMix(9);
    for (int i = 0; i < 20; i++) {
      long start = random.nextInt(EPOCHS * subject.steps - 1);
      Map<Long, Seen> resumed = new HashMap<>();
      read(subject, ShardPlan.of(SHARDS, 0, 1, subject.perShard), 2, start, start + 2, resumed);
      resumed.forEach((position, seen) -> assertThat(seen).isEqualTo(reference.get(position)));
      assertThat(resumed).hasSize(2 * SHARDS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEpochShowsEverySampleOnceOrAsOftenAsItShallBeRepeated(Subject subject) throws Exception {
    Map<Long, Seen> all = epochs(subject, 1, 2);
    int batches = subject.steps * SHARDS;
    for (long epoch = 0; epoch < EPOCHS; epoch++) {
      Map<String, Integer> times = new HashMap<>();
      List<Long> seeds = new ArrayList<>();
      for (long position = epoch * batches; position < (epoch + 1) * batches; position++) {
        all.get(position).ids().forEach(id -> times.merge(id, 1, Integer::sum));
        seeds.addAll(all.get(position).seeds());
      }
      assertThat(times.values()).allMatch(count -> count == subject.repeats);
      assertThat(times).hasSize(batches * subject.perShard / subject.repeats);
      // Repeated or not, each time is augmented anew.
      assertThat(seeds).doesNotHaveDuplicates();
    }
  }

  /** By number of virtual shard, counted over all steps. */
  private static Map<Long, Seen> epochs(Subject subject, int ranks, int threads) throws Exception {
    Map<Long, Seen> seen = new HashMap<>();
    for (int rank = 0; rank < ranks; rank++) {
      ShardPlan plan = ShardPlan.of(SHARDS, rank, ranks, subject.perShard);
      read(subject, plan, threads, 0, (long) EPOCHS * subject.steps, seen);
    }
    return seen;
  }

  private static void read(
      Subject subject, ShardPlan plan, int threads, long from, long to, Map<Long, Seen> seen)
      throws Exception {
    switch (subject) {
      case CLASSES, REPEATED_CLASSES -> {
        LoaderSettings settings = classes(threads, subject.repeats);
        try (BatchLoader<Batch> loader =
            BatchLoader.training(CONF, set("imagenet"), "train", settings, plan, from)) {
          read(subject, loader, LoaderDeterminismTest::classes, plan, from, to, seen);
        }
      }
      case OBJECTS -> {
        try (BatchLoader<DetectionBatch> loader =
            FramedLoader.ofObjects(objects(threads), Instances.Parts.BOXES_AND_MASKS)
                .training(CONF, set("coco"), "train", plan, from)) {
          read(subject, loader, LoaderDeterminismTest::objects, plan, from, to, seen);
        }
      }
      case PIXELS -> {
        try (BatchLoader<SegmentationBatch> loader =
            FramedLoader.ofLabels(pixels(threads))
                .training(CONF, set("ade20k"), "train", plan, from)) {
          read(subject, loader, LoaderDeterminismTest::pixels, plan, from, to, seen);
        }
      }
    }
  }

  private static org.apache.hadoop.fs.Path set(String name) {
    return Samples.hadoop(temp.resolve(name));
  }

  private static <B> void read(
      Subject subject,
      BatchLoader<B> loader,
      Function<B, Seen> view,
      ShardPlan plan,
      long from,
      long to,
      Map<Long, Seen> seen)
      throws InterruptedException {
    assertThat(loader.stepsPerEpoch()).isEqualTo(subject.steps);
    for (long step = from; step < to; step++) {
      for (int shard = plan.first(); shard < plan.first() + plan.count(); shard++) {
        B batch = loader.next();
        assertThat(seen.put(step * SHARDS + shard, view.apply(batch))).isNull();
        loader.recycle(batch);
      }
    }
  }

  private static Seen classes(Batch batch) {
    return new Seen(
        batch.ids(),
        Arrays.stream(batch.seeds()).boxed().toList(),
        batch.images().hashCode(),
        batch.targets().hashCode());
  }

  private static Seen objects(DetectionBatch batch) {
    int targets = batch.frame().hashCode();
    for (DetectionBatch.DetectionSample sample : batch.samples()) {
      targets = 31 * targets + sample.geometry().hashCode() + sample.content().hashCode();
      for (int i = 0; i < sample.instances().list().size(); i++) {
        targets = 31 * targets + sample.instances().list().get(i).box().hashCode();
        targets = 31 * targets + sample.instances().list().get(i).label();
        targets = 31 * targets + Arrays.hashCode(sample.instances().mask(i).values());
      }
    }
    return new Seen(
        batch.samples().stream().map(DetectionBatch.DetectionSample::id).toList(),
        batch.samples().stream().map(DetectionBatch.DetectionSample::seed).toList(),
        batch.images().hashCode(),
        targets);
  }

  private static Seen pixels(SegmentationBatch batch) {
    return new Seen(
        batch.samples().stream().map(SegmentationBatch.SegmentationSample::id).toList(),
        batch.samples().stream().map(SegmentationBatch.SegmentationSample::seed).toList(),
        batch.images().hashCode(),
        31 * batch.labels().hashCode() + batch.frame().hashCode());
  }

  private static LoaderSettings classes(int threads, int repeats) {
    return new LoaderSettings(
        List.of(
            RandomResizedCrop.of(CLASSIFICATION_SIZE, Interpolation.RANDOM),
            new HorizontalFlip(0.5),
            new RandAugment(
                2,
                9,
                0.5,
                RandAugment.Tables.ORIGINAL,
                RandAugment.OperationSet.EXTENDED,
                Interpolation.BICUBIC)),
        Normalization.imageNet(),
        Optional.of(RandomErasing.of(0.25)),
        Optional.of(new BatchMix(0.8, 1, 1, 0.5)),
        repeats,
        CLASSIFICATION_SIZE,
        6,
        0.1,
        42,
        threads,
        3,
        Duration.ofSeconds(30),
        0);
  }

  /** Everything that detectors do, single-shot ones included. */
  private static FramedSettings objects(int threads) {
    return new FramedSettings(
        new Pipeline(
            List.of(
                new RandomChoice(
                    List.of(
                        new Pipeline(List.of(new KeepRatioResize(120, List.of(60, 70, 80)))),
                        new Pipeline(List.of(new RangeCrop(40, 90))))),
                new Expand(0.5, 1, 2, new Expand.Color(123, 116, 103)),
                new MinIouCrop(List.of(0.1, 0.3, 0.5, 0.7, 0.9), 0.3),
                new KeepRatioResize(96, List.of(64)),
                new PhotometricDistortion(ColorRanges.published()),
                new HorizontalFlip(0.5),
                Pad.toMultiple(32))),
        Normalization.imageNet(),
        Grouping.ASPECT_RATIO,
        5,
        5,
        42,
        new Background(threads, 3, Duration.ofSeconds(30), 0));
  }

  private static FramedSettings pixels(int threads) {
    return new FramedSettings(
        new Pipeline(
            List.of(
                new ReduceZeroLabel(),
                new RatioRangeResize(256, 64, 0.5, 2),
                new RandomCrop(64, 0.75),
                new HorizontalFlip(0.5),
                new BytePhotometricDistortion(ColorRanges.published()),
                Pad.toSquare(64))),
        Normalization.imageNet(),
        Grouping.NONE,
        3,
        150,
        42,
        new Background(threads, 3, Duration.ofSeconds(30), 0));
  }
}
