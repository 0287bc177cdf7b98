package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.Progress;
import io.elapid.data.source.SceneForm;
import io.elapid.data.source.SceneSpec;
import io.elapid.data.source.ShapesSource;
import io.elapid.task.evaluation.CocoMetric;
import io.elapid.task.evaluation.CocoScoring;
import io.elapid.task.evaluation.DetectionLimits;
import io.elapid.task.evaluation.IouType;
import io.elapid.worker.SplitScore;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects with masks through all jobs, on Spark in this process: two steps, nothing is learnt. */
final class InstanceJobTest {
  private static final Configuration CONF = new Configuration();
  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private static final int VALIDATION = 3;
  private static final SceneSpec SPEC = new SceneSpec(4, VALIDATION, 2, 64, 1);
  private static final Map<String, String> SPARK =
      Map.of(
          "spark.master", "local[2]",
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1");
  private static final String RECIPE =
      """
      task {
        type = instance-segmentation, frames = 2
        neck.channels = 16
        detections { score-threshold = 0, max-per-picture = 6 }
        regions { proposals = 30, sampled = 16, max-objects = 16 }
      }
      model { name = efficientvim_nano, image-size = 64 }
      data {
        loader-threads = 1, prefetch = 1
        train-transforms = [{ type = pad, divisor = 64 }]
        eval-transforms = [{ type = pad, divisor = 64 }]
      }
      batch { size = 2, shards = 1 }
      schedule {
        type = constant, steps = 2, learning-rate = 1e-4
        min-learning-rate = 0, warmup-epochs = 0, warmup-learning-rate = 0, cooldown-epochs = 0
      }
      evaluation { batch-size = 1 }
      """;

  @TempDir java.nio.file.Path temp;

  @BeforeAll
  static void local() {
    SPARK.forEach(System::setProperty);
  }

  @AfterAll
  static void asBefore() {
    SPARK.keySet().forEach(System::clearProperty);
  }

  private Path path(String name) {
    return new Path(temp.resolve(name).toUri());
  }

  private void prepare(Session session) throws Exception {
    ShapesSource.generate(CONF, path("raw"), SPEC, SceneForm.COCO, Progress.NONE);
    PrepareOptions options =
        new PrepareOptions(
            path("raw"),
            path("data"),
            40_000,
            new ShardSettings(16_000, 8, ShardSettings.Check.PIXELS),
            0,
            1,
            2);
    new PrepareJob(session.spark(), options, NOWHERE).run(() -> CocoSource.open(CONF, path("raw")));
  }

  @Test
  void aRunIsReportedWithPicturesAndItsResultsCanBeHandedIn() throws Exception {
    try (Session session = Session.open("masks")) {
      prepare(session);
      Recipe recipe =
          RecipeLoader.parse(
              "test.conf", RECIPE, List.of("data.path=" + path("data"), "output=" + path("run")));
      TrainResult result = new TrainJob(session, recipe, NOWHERE).run();
      assertThat(result.score().samples()).isEqualTo(VALIDATION);
      SavedModel model =
          SavedModel.open(
              CONF, result.checkpoint(), ModelWeights.Variant.MODEL, Optional.empty(), List.of());
      new ReportJob(session).write(result.folder(), model, result.score(), recipe);
      String page = Files.readString(temp.resolve("run/report.html"));
      assertThat(page)
          .contains("section-boxes", "section-masks", "section-pairs", "AP of masks")
          .doesNotContain("src=\"http");
      assertThat(page.split("data:image/jpeg", -1)).hasSize(1 + 2 * VALIDATION);

      SplitScore score =
          new EvaluateJob(session, NOWHERE)
              .run(model, path("data"), "val", Optional.of(path("results")));
      for (IouType type : IouType.values()) {
        CocoScoring read =
            CocoScoring.of(
                CONF,
                path("raw/annotations/instances_val2017.json"),
                path(
                    type == IouType.BBOX
                        ? "results/results.bbox.json"
                        : "results/results.segm.json"),
                type,
                DetectionLimits.PYCOCOTOOLS);
        assertThat(read.results().pictures()).isEqualTo(VALIDATION);
        assertThat(read.results().value(CocoMetric.AP))
            .isEqualTo(score.measures().get(type == IouType.BBOX ? "ap" : "mask_ap"));
      }
      assertThat(temp.resolve("results/results.segm.json")).content().contains("\"counts\"");
    }
  }
}
