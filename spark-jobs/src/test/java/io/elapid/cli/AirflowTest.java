package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import io.elapid.task.classification.ClassificationMetrics;
import io.elapid.worker.Scoring;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Airflow's tasks pass to elapid is what the command line takes. There is no Airflow here: the
 * DAGs are loaded with stand-ins for its classes, so this is a check of syntax and arguments.
 */
final class AirflowTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path FOLDER = Path.of("../conf/airflow");
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path folder;

  @Test
  void argumentsOfEveryPipelineAreUnderstood() throws IOException {
    Pipelines pipelines = pipelines();
    assertThat(pipelines.names()).containsExactly("imagenet", "coco", "ade20k");
    for (String name : pipelines.names()) {
      JsonNode described = file().path(name);
      Map<String, String> defaults = new TreeMap<>();
      described
          .path("params")
          .fields()
          .forEachRemaining(p -> defaults.put(p.getKey(), p.getValue().asText()));
      assertThat(described.path("checks").fieldNames())
          .toIterable()
          .allSatisfy(key -> assertThat(defaults).containsKey(key));
      defaults.put("run_id", "try-1");
      List<Pipelines.Task> tasks = pipelines.tasks(name, defaults);
      assertThat(tasks)
          .extracting(Pipelines.Task::id)
          .containsExactly(
              "look_at_raw", "prepare", "verify", "train", "evaluate", "gate", "export");
      tasks.stream()
          .map(Pipelines.Task::arguments)
          .filter(a -> !a.isEmpty())
          .forEach(AirflowTest::understood);
      String metric = defaults.get("metric");
      Recipe recipe =
          RecipeLoader.load(defaults.get("recipe"), List.of("evaluation.metric=" + metric));
      assertThat(recipe.metric().name().toLowerCase(Locale.ROOT)).isEqualTo(metric);
    }
  }

  @Test
  void whatPythonRendersIsWhatTheLauncherRuns() throws Exception {
    assumeThat(Path.of(PYTHON)).isExecutable();
    Map<String, String> given = Map.of("run_id", "try-1", "data", "/a b/{data}");
    for (String name : pipelines().names()) {
      Said rendered =
          python("elapid_pipelines.py", "render", name, "run_id=try-1", "data=/a b/{data}");
      assertThat(rendered.exit()).as(rendered.output()).isZero();
      List<Pipelines.Task> tasks = new ArrayList<>();
      for (JsonNode task : JSON.readTree(rendered.output())) {
        tasks.add(
            new Pipelines.Task(
                task.path("id").asText(),
                words(task.path("arguments")).toList(),
                words(task.path("gate")).toList()));
      }
      assertThat(tasks).isEqualTo(pipelines().tasks(name, given));
      assertThat(tasks.get(3).arguments()).contains("train", "/a b/{data}");
    }
  }

  /** In a checkout what is built lies below {@code spark-jobs}, in a distribution at the top. */
  @ParameterizedTest
  @CsvSource({"2, spark-jobs/target", "3, ''"})
  void dagsAskAirflowForWhatTheyPromise(String airflow, String place) throws Exception {
    assumeThat(Path.of(PYTHON)).isExecutable();
    Path built = folder.resolve(place);
    Path library =
        Files.createFile(Files.createDirectories(built.resolve("lib")).resolve("some.jar"));
    Map<String, String> run = Map.of("run_id", "manual__2026-07-01T00-00-00-00-00");
    for (String name : pipelines().names()) {
      JsonNode dag = dag(airflow, name, "manual__2026-07-01T00:00:00+00:00");
      assertThat(dag.path("dag_id").asText()).isEqualTo("elapid_" + name);
      assertThat(dag.path("max_active_runs").asInt()).isEqualTo(1);
      assertThat(dag.path("catchup").asBoolean(true)).isFalse();
      List<JsonNode> tasks = new ArrayList<>();
      dag.path("tasks").forEach(tasks::add);
      JsonNode sensor = tasks.remove(0);
      assertThat(sensor.path("kind").asText()).isEqualTo("BashSensor");
      assertThat(sensor.path("bash_command").asText())
          .isEqualTo("hadoop fs -test -e '%s'".formatted(dag.at("/params/raw").asText()));
      String before = sensor.path("task_id").asText();
      for (Pipelines.Task task : pipelines().tasks(name, run)) {
        JsonNode asked = tasks.remove(0);
        assertThat(asked.path("task_id").asText()).isEqualTo(task.id());
        assertThat(words(asked.path("after"))).containsExactly(before);
        assertThat(asked.path("on_failure_callback").asText()).isEqualTo("say_what_failed");
        before = task.id();
        if (task.arguments().isEmpty()) {
          assertThat(asked.path("retries").asInt()).isZero();
          assertThat(words(asked.path("op_kwargs"))).containsExactlyElementsOf(task.gate());
        } else {
          job(asked, task);
          assertThat(asked.path("application").asText())
              .isEqualTo(built.resolve("elapid-spark-0.1.0.jar").toString());
          assertThat(asked.path("jars").asText()).isEqualTo(library.toString());
        }
      }
      assertThat(tasks).isEmpty();
    }
  }

  private static void job(JsonNode asked, Pipelines.Task task) {
    assertThat(words(asked.path("application_args"))).containsExactlyElementsOf(task.arguments());
    assertThat(asked.path("java_class").asText()).isEqualTo(Elapid.class.getName());
    assertThat(asked.path("retries").asInt()).isPositive();
    boolean computes = List.of("train", "evaluate").contains(task.id());
    assertThat(asked.path("pool").asText()).isEqualTo(computes ? "elapid_gpu" : "default_pool");
    boolean makes = List.of("prepare", "export").contains(task.id());
    assertThat(asked.path("outlets")).hasSize(makes ? 1 : 0);
  }

  private JsonNode dag(String airflow, String name, String runId) throws Exception {
    String reader = Path.of("src/test/resources/airflow/read_dag.py").toAbsolutePath().toString();
    String values = JSON.createObjectNode().put("run_id", runId).toString();
    Said read = python(reader, airflow, "elapid_" + name, values);
    assertThat(read.exit()).as(read.output()).isZero();
    return JSON.readTree(read.output());
  }

  @Test
  void aParameterThatDoesNotExistOrBreaksItsRuleIsRefused() throws IOException {
    Pipelines pipelines = pipelines();
    assertThatThrownBy(() -> pipelines.tasks("imagenet", Map.of("rank", "1")))
        .hasMessageContaining("no parameter rank");
    assertThatThrownBy(() -> pipelines.tasks("coco", Map.of("ranks", "0")))
        .hasMessageContaining("ranks = 0: not barrier tasks");
    assertThatThrownBy(() -> pipelines.tasks("ade20k", Map.of("metric", "top1")))
        .hasMessageContaining("metric = top1");
    assertThatThrownBy(() -> pipelines.tasks("ade20k", Map.of())).hasMessageContaining("run_id");
    assertThatThrownBy(() -> pipelines.tasks("cocoa", Map.of())).hasMessageContaining("cocoa");
  }

  /** What {@code date -Is} prints, for one; Airflow's own ids have colons replaced. */
  @ParameterizedTest
  @ValueSource(strings = {"2026-07-01T12:30:00+00:00", "a/b", ""})
  void aRunThatNoFolderCanBeNamedAfterIsRefused(String runId) throws IOException {
    Pipelines pipelines = pipelines();
    assertThatThrownBy(() -> pipelines.tasks("coco", Map.of("run_id", runId)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("run_id = " + runId + ": not part of a folder's name");
  }

  @Test
  void theGateLetsThroughWhatIsGoodEnough() throws Exception {
    Path result = folder.resolve("results/result.json");
    ClassificationMetrics metrics = new ClassificationMetrics(2);
    metrics.add(FloatBuffer.wrap(new float[] {1, 0, 1, 0, 1, 0, 0, 1}), new int[] {0, 0, 0, 0}, 4);
    Scoring scoring = Scoring.of(RecipeLoader.load("quickstart", List.of()), 2);
    ResultFile.write(result, scoring.merged(List.of(metrics.toJson())));

    assertThat(ResultFile.shortfall(result, "top1", 0.7)).isEmpty();
    assertThat(ResultFile.shortfall(result, "top1", 0.8)).contains("top1 is 0.7500, below 0.8");
    assertThatThrownBy(() -> ResultFile.shortfall(result, "miou", 0.8))
        .hasMessageContaining("has no miou");
    assumeThat(Path.of(PYTHON)).isExecutable();
    assertThat(python("elapid_pipelines.py", "gate", result.toString(), "top1", "0.7").exit())
        .isZero();
    Said below = python("elapid_pipelines.py", "gate", result.toString(), "top1", "0.8");
    assertThat(below.exit()).isEqualTo(1);
    assertThat(below.output()).contains("top1 is 0.7500, below 0.8");
    assertThat(python("elapid_pipelines.py", "gate", result.toString(), "miou", "0.8").output())
        .contains("has no miou");
  }

  @Test
  void dagsPassTheFlagsOfTheLauncher() throws IOException {
    String launcher = Files.readString(Path.of("../elapid"));
    String modules =
        launcher.lines().filter(l -> l.startsWith("modules=")).findFirst().orElseThrow();
    String flags = modules.substring(modules.indexOf('"') + 1, modules.lastIndexOf('"'));
    assertThat(Files.readString(FOLDER.resolve("elapid_dag.py"))).contains(flags);
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

  private static Pipelines pipelines() throws IOException {
    return Pipelines.read(FOLDER.resolve("pipelines.json"));
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
    builder.environment().put("ELAPID_HOME", folder.toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), output);
  }
}
