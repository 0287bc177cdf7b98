package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.config.RecipeLoader;
import io.elapid.task.classification.ClassificationMetrics;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Airflow's tasks pass to elapid is what the command line takes. There is no Airflow here:
 * this is a check of syntax and arguments.
 */
final class AirflowTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path FOLDER = Path.of("../conf/airflow");
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path folder;

  @Test
  void argumentsOfEveryPipelineAreUnderstood() throws IOException {
    for (Iterator<Map.Entry<String, JsonNode>> each = file().fields(); each.hasNext(); ) {
      Map.Entry<String, JsonNode> pipeline = each.next();
      assertThatCode(
              () ->
                  RecipeLoader.load(
                      pipeline.getValue().path("params").path("recipe").asText(), List.of()))
          .doesNotThrowAnyException();
      for (JsonNode task : pipeline.getValue().path("tasks")) {
        if (task.has("arguments")) {
          understood(
              words(task.path("arguments")).map(w -> filled(w, pipeline.getValue())).toList());
        }
      }
    }
  }

  @Test
  void whatPythonRendersIsUnderstoodAndHoldsTheValuesGiven() throws Exception {
    assumeThat(Path.of(PYTHON)).isExecutable();
    for (Iterator<String> names = file().fieldNames(); names.hasNext(); ) {
      Said rendered =
          python("elapid_pipelines.py", "render", names.next(), "run_id=try-1", "data=/a b/{data}");
      assertThat(rendered.exit()).as(rendered.output()).isZero();
      List<List<String>> commands = new ArrayList<>();
      for (JsonNode task : JSON.readTree(rendered.output())) {
        if (task.has("arguments")) {
          commands.add(words(task.path("arguments")).toList());
        }
      }
      assertThat(commands).hasSizeGreaterThan(3).allSatisfy(AirflowTest::understood);
      assertThat(commands).anySatisfy(c -> assertThat(c).contains("train", "/a b/{data}"));
      assertThat(commands)
          .anySatisfy(c -> assertThat(c).anyMatch(word -> word.endsWith("-try-1")))
          .noneSatisfy(c -> assertThat(c).anyMatch(word -> word.contains("{run")));
    }
  }

  @Test
  void theGateLetsThroughWhatIsGoodEnough() throws Exception {
    assumeThat(Path.of(PYTHON)).isExecutable();
    Path result = folder.resolve("result.json");
    ClassificationMetrics metrics = new ClassificationMetrics(2);
    metrics.add(FloatBuffer.wrap(new float[] {1, 0, 1, 0, 1, 0, 0, 1}), new int[] {0, 0, 0, 0}, 4);
    Files.writeString(result, metrics.toJson());

    assertThat(python("elapid_pipelines.py", "gate", result.toString(), "top1", "0.7").exit())
        .isZero();
    Said below = python("elapid_pipelines.py", "gate", result.toString(), "top1", "0.8");
    assertThat(below.exit()).isEqualTo(1);
    assertThat(below.output()).contains("top1 is 0.7500, below 0.8");
  }

  @Test
  void everyFileIsPython() throws Exception {
    assumeThat(Path.of(PYTHON)).isExecutable();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".py")).toList()) {
        Said compiled = python("-m", "py_compile", file.getFileName().toString());
        assertThat(compiled.exit()).as(compiled.output()).isZero();
      }
    }
  }

  /** The default of the parameter that a word stands for. */
  private static String filled(String word, JsonNode pipeline) {
    return pipeline.path("params").path(word.replaceAll("[{}]", "")).asText(word);
  }

  private static JsonNode file() throws IOException {
    return JSON.readTree(FOLDER.resolve("pipelines.json").toFile());
  }

  private static Stream<String> words(JsonNode array) {
    List<String> words = new ArrayList<>();
    array.forEach(word -> words.add(word.asText()));
    return words.stream();
  }

  private static void understood(List<String> words) {
    assertThatCode(() -> Elapid.commandLine().parseArgs(words.toArray(String[]::new)))
        .as(String.join(" ", words))
        .doesNotThrowAnyException();
  }

  /** How a process ended. */
  private record Said(int exit, String output) {}

  private Said python(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PYTHON));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true);
    builder.environment().put("PYTHONPYCACHEPREFIX", folder.resolve("cache").toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), output);
  }
}
