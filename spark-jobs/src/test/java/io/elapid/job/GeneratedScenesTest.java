package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.data.augment.KeepRatioResize;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.Pad;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.ReduceZeroLabel;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Size;
import io.elapid.data.loader.Background;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.DetectionBatch.DetectionSample;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.FramedLoader;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.loader.Grouping;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.Progress;
import io.elapid.data.source.SceneForm;
import io.elapid.data.source.SceneSpec;
import io.elapid.data.source.ShapesSource;
import io.elapid.data.target.Instances;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectAnnotation.Extent;
import io.elapid.task.evaluation.ClassGrouping;
import io.elapid.task.evaluation.CocoEvaluator;
import io.elapid.task.evaluation.CocoMetric;
import io.elapid.task.evaluation.CocoResults;
import io.elapid.task.evaluation.Detection;
import io.elapid.task.evaluation.DetectionLimits;
import io.elapid.task.evaluation.IouType;
import io.elapid.task.evaluation.SegmentationMetrics;
import io.elapid.task.evaluation.SegmentationMetrics.AbsentClasses;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generated pictures through the ordinary preparation and the loaders to the evaluators. */
final class GeneratedScenesTest {
  private static final Configuration CONF = new Configuration();
  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private static final SceneSpec SPEC = new SceneSpec(4, 12, 4, 96, 2);
  private static final Background BACKGROUND = new Background(1, 2, Duration.ofSeconds(30), 0);
  private static final int RANKS = 2;

  @TempDir java.nio.file.Path temp;

  @Test
  void answersThatAreTheTruthScoreEverythingRight() throws Exception {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()) {
      prepare(spark, SceneForm.COCO);
      prepare(spark, SceneForm.ADE20K);
    }
    for (IouType type : IouType.values()) {
      CocoEvaluator all = new CocoEvaluator(type, ClassGrouping.BY_CLASS, SPEC.classes());
      for (int rank = 0; rank < RANKS; rank++) {
        all.merge(CocoEvaluator.fromBytes(detected(type, rank).toBytes()));
      }
      CocoResults results = all.results(DetectionLimits.PYCOCOTOOLS);
      assertThat(results.pictures()).isEqualTo(12);
      assertThat(results.value(CocoMetric.AP)).isCloseTo(1, within(1e-9));
      assertThat(results.value(CocoMetric.AR_THIRD)).isEqualTo(1);
    }
    SegmentationMetrics labels = new SegmentationMetrics(SPEC.classes() + 1);
    for (int rank = 0; rank < RANKS; rank++) {
      labels.merge(SegmentationMetrics.fromJson(segmented(rank).toJson()));
    }
    assertThat(labels.count()).isEqualTo(12);
    assertThat(labels.meanIou(AbsentClasses.ZERO)).isEqualTo(1);
    assertThat(labels.confusion().support(SPEC.classes())).as("ground").isPositive();
  }

  private void prepare(SparkSession spark, SceneForm form) throws IOException {
    Path raw = path(form + "-raw");
    ShapesSource.generate(CONF, raw, SPEC, form, Progress.NONE);
    PrepareOptions options =
        new PrepareOptions(
            raw,
            path(form.name()),
            40_000,
            new ShardSettings(16_000, 8, ShardSettings.Check.PIXELS),
            0,
            1,
            2);
    new PrepareJob(JavaSparkContext.fromSparkContext(spark.sparkContext()), options, NOWHERE)
        .run(() -> source(form, raw));
  }

  private static DataSource source(SceneForm form, Path raw) throws IOException {
    return switch (form) {
      case COCO -> CocoSource.open(CONF, raw);
      case ADE20K -> Ade20kSource.open(CONF, raw);
    };
  }

  private Path path(String name) {
    return new Path(temp.resolve(name).toUri());
  }

  /** A rank's share, every object found where it is annotated. */
  private CocoEvaluator detected(IouType type, int rank) throws Exception {
    Pipeline pipeline =
        new Pipeline(List.of(new KeepRatioResize(80, List.of(80)), Pad.toMultiple(32)));
    FramedSettings settings =
        new FramedSettings(
            pipeline,
            Normalization.imageNet(),
            Grouping.ASPECT_RATIO,
            1,
            SPEC.classes(),
            3,
            BACKGROUND);
    CocoEvaluator evaluator = new CocoEvaluator(type, ClassGrouping.BY_CLASS, SPEC.classes());
    try (BatchLoader<DetectionBatch> loader =
        FramedLoader.ofObjects(settings, Instances.Parts.BOXES_AND_MASKS)
            .evaluation(
                CONF, path(SceneForm.COCO.name()), "val", new EvaluationShare(rank, RANKS, 2))) {
      for (DetectionBatch batch = loader.next(); batch != null; batch = loader.next()) {
        for (DetectionSample sample : batch.samples()) {
          Size picture = sample.geometry().original();
          evaluator.add(sample.stored(), picture, truth(sample, picture));
        }
        loader.recycle(batch);
      }
    }
    return evaluator;
  }

  private static List<Detection> truth(DetectionSample sample, Size picture) {
    List<Detection> found = new ArrayList<>();
    for (ObjectAnnotation object : sample.stored().annotations()) {
      if (object.crowd() == Extent.OBJECT) {
        found.add(
            Detection.of(
                object.label(),
                0.9,
                object.box(),
                MaskRaster.runs(object.segmentation(), picture.width(), picture.height())));
      }
    }
    return found;
  }

  /** A rank's share, every pixel told as it is labelled. */
  private SegmentationMetrics segmented(int rank) throws Exception {
    Pipeline pipeline =
        new Pipeline(List.of(new ReduceZeroLabel(), new KeepRatioResize(80, List.of(80))));
    FramedSettings settings =
        new FramedSettings(
            pipeline,
            Normalization.imageNet(),
            Grouping.NONE,
            1,
            SPEC.classes() + 1,
            3,
            BACKGROUND);
    SegmentationMetrics metrics = new SegmentationMetrics(SPEC.classes() + 1);
    try (BatchLoader<SegmentationBatch> loader =
        FramedLoader.ofLabels(settings)
            .evaluation(
                CONF, path(SceneForm.ADE20K.name()), "val", new EvaluationShare(rank, RANKS, 2))) {
      for (SegmentationBatch batch = loader.next(); batch != null; batch = loader.next()) {
        batch.samples().forEach(sample -> metrics.add(sample.stored(), guessed(sample.stored())));
        loader.recycle(batch);
      }
    }
    return metrics;
  }

  /** As it is labelled; where nobody said, something. */
  private static LabelMap guessed(LabelMap labels) {
    byte[] values = labels.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = (values[i] & 0xFF) == LabelMap.IGNORED ? 0 : values[i];
    }
    return new LabelMap(labels.width(), labels.height(), values);
  }
}
