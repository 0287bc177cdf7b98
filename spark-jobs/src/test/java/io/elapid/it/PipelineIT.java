package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.chaos.Launcher;
import io.elapid.chaos.Launcher.Result;
import io.elapid.cli.PipelineProgram;
import io.elapid.data.source.Progress;
import io.elapid.data.target.TargetKind;
import io.elapid.job.GeneratedPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jobs that Airflow's DAGs run, with the arguments that they pass, through a real spark-submit.
 * There is no Airflow here: this checks arguments.
 */
final class PipelineIT {
  private static final Duration LIMIT = Duration.ofMinutes(6);
  private static final String SMALL =
      """

      model.name = efficientvim_nano
      batch { size = 32, shards = 2 }
      schedule { type = constant, warmup-epochs = 0, epochs = 1 }
      """;

  private static final String SMALL_DENSE =
      """

      model { name = efficientvim_nano, image-size = 64 }
      task.neck.channels = 16
      batch { size = 4, shards = 2 }
      schedule { type = constant, steps = 10, warmup-steps = 0 }
      evaluation { every-epochs = 1000, batch-size = 4 }
      """;

  private static final int SCENES = 8;
  private static final int HELD_OUT = 4;

  @TempDir Path folder;

  @Test
  void rawPicturesBecomeAModelThatHasPassedTheGate() throws IOException {
    Launcher elapid = new ElapidRun(folder.resolve("logs")).submit("--master", "local[1]");
    Result generated =
        new ElapidRun(folder.resolve("logs"))
            .run(LIMIT, "generate", path("raw"), "--train", "64", "--val", "20", "--size", "40");
    assertThat(generated.exit()).as(generated.output()).isZero();
    Path quickstart = ElapidRun.HOME.resolve("conf/recipes/quickstart.conf");
    Path recipe =
        Files.writeString(folder.resolve("small.conf"), Files.readString(quickstart) + SMALL);

    Result done = elapid.run(LIMIT, words(recipe, "0.0"));

    assertThat(done.exit()).as(done.output()).isZero();
    assertThat(done.output()).contains("pipeline: gate").contains("export: " + path("models"));
    JsonNode result = result("imagenet");
    assertThat(result.path("samples").asInt()).isEqualTo(20);
    assertThat(result.path("measures").path("top1").asDouble()).isBetween(0.0, 1.0);
    assertThat(folder.resolve("models/imagenet-try-1/README.md")).isRegularFile();
    assertThat(folder.resolve("models/imagenet-try-1/model.onnx")).isRegularFile();
  }

  /**
   * Each job as an application of its own; one process for all, since so small jobs start longer
   * than they run.
   */
  @Test
  void rawScenesBecomeDetectorsAndSegmentersThatHavePassedTheGate() throws IOException {
    String weights = folder.resolve("backbone.safetensors").toString();
    NanoModel.write(weights, 10);
    List<String> words = new ArrayList<>(List.of(ElapidRun.HOME.toString()));
    words.addAll(dense("coco", TargetKind.DETECTION, "detection", weights));
    words.add("--");
    words.addAll(dense("ade20k", TargetKind.SEGMENTATION, "segmentation", weights));

    Result done =
        new SparkProgram(folder, PipelineProgram.class)
            .run(
                LIMIT,
                "local[1]",
                List.of(
                    "--conf",
                    "spark.driver.extraJavaOptions=-XX:+UseSerialGC -Djava.awt.headless=true"
                        + " --add-modules=jdk.incubator.vector,jdk.incubator.foreign"),
                words.toArray(String[]::new));

    assertThat(done.exit()).as(done.output()).isZero();
    for (String pipeline : List.of("coco", "ade20k")) {
      JsonNode result = result(pipeline);
      assertThat(result.path("samples").asInt()).as(pipeline).isEqualTo(HELD_OUT);
      assertThat(done.output()).contains("export: " + path("models/" + pipeline + "-try-1"));
      Path model = folder.resolve("models/" + pipeline + "-try-1");
      assertThat(model.resolve("README.md")).isNotEmptyFile();
      assertThat(model.resolve("model.onnx")).isNotEmptyFile();
    }
    assertThat(result("coco").path("measures").path("ap50").asDouble()).isBetween(0.0, 1.0);
    assertThat(result("ade20k").path("measures").path("miou").asDouble()).isBetween(0.01, 1.0);
  }

  private List<String> dense(String pipeline, TargetKind kind, String recipe, String weights)
      throws IOException {
    new GeneratedPictures(kind, 3, 64, 1)
        .generate(
            new Configuration(),
            new org.apache.hadoop.fs.Path(path(pipeline + "-raw")),
            SCENES,
            HELD_OUT,
            Progress.NONE);
    Path quickstart = ElapidRun.HOME.resolve("conf/recipes/quickstart_%s.conf".formatted(recipe));
    Path small =
        Files.writeString(
            folder.resolve(recipe + ".conf"), Files.readString(quickstart) + SMALL_DENSE);
    return List.of(
        pipeline,
        "run_id=try-1",
        "raw=" + path(pipeline + "-raw"),
        "data=" + path(pipeline + "-data"),
        "runs=" + path("runs"),
        "models=" + path("models"),
        "results=" + path("results"),
        "recipe=" + small,
        "weights=" + weights,
        "ranks=1",
        "least=0.0");
  }

  private JsonNode result(String pipeline) throws IOException {
    return new JsonMapper()
        .readTree(folder.resolve("results/%s-try-1.json".formatted(pipeline)).toFile());
  }

  private String[] words(Path recipe, String least) {
    return new String[] {
      "pipeline",
      "imagenet",
      "run_id=try-1",
      "raw=" + path("raw"),
      "data=" + path("data"),
      "runs=" + path("runs"),
      "models=" + path("models"),
      "results=" + path("results"),
      "recipe=" + recipe,
      "ranks=1",
      "variant=model",
      "least=" + least
    };
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }
}
