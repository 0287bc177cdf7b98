package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.chaos.Launcher;
import io.elapid.chaos.Launcher.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jobs that Airflow's DAGs run, with the arguments that they pass, each through a real
 * spark-submit. There is no Airflow here: this checks arguments.
 */
final class PipelineIT {
  private static final Duration LIMIT = Duration.ofMinutes(6);
  private static final String SMALL =
      """

      model.name = efficientvim_nano
      batch { size = 32, shards = 2 }
      schedule { type = constant, warmup-epochs = 0, epochs = 1 }
      """;

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
    JsonNode result =
        new JsonMapper().readTree(folder.resolve("results/imagenet-try-1.json").toFile());
    assertThat(result.path("samples").asInt()).isEqualTo(20);
    assertThat(result.path("measures").path("top1").asDouble()).isBetween(0.0, 1.0);
    assertThat(folder.resolve("models/imagenet-try-1/README.md")).isRegularFile();
    assertThat(folder.resolve("models/imagenet-try-1/model.onnx")).isRegularFile();
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
