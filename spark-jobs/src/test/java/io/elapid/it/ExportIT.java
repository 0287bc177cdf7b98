package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.chaos.Launcher.Result;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.Existing;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.WeightFile;
import io.elapid.data.source.ClassLabel;
import io.elapid.job.ExportFormat;
import io.elapid.job.ExportJob;
import io.elapid.job.SavedModel;
import io.elapid.worker.UntrainedNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A trained network handed on by the commands of the README, and used by a program of Spark. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ExportIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int PICTURES = 1000;
  private static final String JVM = "--add-modules=jdk.incubator.vector -XX:+UseSerialGC";

  @TempDir static Path folder;

  @BeforeAll
  static void weightsAndPictures() throws IOException {
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    NanoModel.tensors(10, 40).forEach(tensor -> tensors.put(tensor.name(), tensor));
    List<ClassLabel> labels =
        IntStream.range(0, 10).mapToObj(i -> new ClassLabel(i, "n" + i, "shape " + i)).toList();
    CheckpointMeta meta =
        new CheckpointMeta(
            NanoModel.NAME,
            10,
            64,
            120,
            3,
            labels,
            Map.of("code", "elapid of this test"),
            "",
            Map.of("top1", 0.125));
    WeightFile.create(new Configuration(), hadoop("trained.safetensors"))
        .write(new ModelWeights("test", Optional.of(meta), tensors));
    String train = Integer.toString(PICTURES);
    run("generate", path("raw"), "--train", train, "--val", "10", "--size", "48");
    Files.writeString(folder.resolve("raw/train/broken.jpg"), "no picture");
  }

  @Test
  @Order(1)
  void theReadmesCommandsExportAndPredict() throws IOException {
    List<String> commands =
        Files.readString(ElapidRun.HOME.resolve("README.md"))
            .lines()
            .map(String::strip)
            .filter(
                line -> line.startsWith("./elapid export") || line.contains("--weights models/"))
            .map(line -> line.replaceAll("\\s+#.*", ""))
            .toList();
    assertThat(commands).hasSizeGreaterThan(3);
    for (String command : commands) {
      run(localised(command));
    }
    for (String file : List.of("README.md", "config.json", "recipe.conf", "model.onnx")) {
      assertThat(folder.resolve("models/m1").resolve(file)).isNotEmptyFile();
    }
    assertThat(Files.readString(folder.resolve("models/m1/README.md")))
        .contains(
            "# m1",
            "| top1 | 0.1250 |",
            "elapid of this test",
            "`model.onnx`",
            "crop the",
            "came without a recipe");
    JsonNode config = new JsonMapper().readTree(folder.resolve("models/m1/config.json").toFile());
    assertThat(config.path("labels").path(3).asText()).isEqualTo("shape 3");
    assertThat(config.path("image_size").asInt()).isEqualTo(64);
    ModelProto onnx =
        ModelProto.parseFrom(Files.readAllBytes(folder.resolve("models/m1/model.onnx")));
    assertThat(onnx.getMetadataPropsList())
        .anyMatch(p -> p.getKey().equals("elapid.model") && p.getValue().equals(NanoModel.NAME));
    assertThat(folder.resolve("m1.onnx"))
        .hasSameBinaryContentAs(folder.resolve("models/m1/model.onnx"));
    checksumsHold();
  }

  private static String[] localised(String command) {
    return Stream.of(command.substring("./elapid ".length()).split(" +"))
        .map(word -> word.equals("hdfs:///runs/m1") ? path("trained.safetensors") : word)
        .map(word -> word.matches("models/.*|m1\\..*") ? path(word) : word)
        .map(word -> word.equals("holiday-pictures/") ? path("raw/val") : word)
        .map(word -> word.equals("answers.json") ? path(word) : word)
        .filter(word -> !word.isBlank())
        .toArray(String[]::new);
  }

  private static void checksumsHold() throws IOException {
    Path model = folder.resolve("models/m1");
    JsonNode manifest = new JsonMapper().readTree(model.resolve("manifest.json").toFile());
    assertThat(manifest.path("files").size()).isEqualTo(5);
    for (JsonNode file : manifest.path("files")) {
      byte[] bytes = Files.readAllBytes(model.resolve(file.path("name").asText()));
      assertThat(file.path("bytes").asLong()).isEqualTo(bytes.length);
      assertThat(file.path("sha256").asText()).isEqualTo(sha256(bytes));
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Order(2)
  void whatIsThereIsReplacedOnlyOnRequestAndOnlyIfItIsAModel() throws IOException {
    String[] again = {
      "export", "--weights", path("trained.safetensors"), "--out", path("models/m1")
    };
    Result refused = direct(again);
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.output()).contains("is there already", "--force");
    String[] planned =
        Stream.concat(Stream.of(again), Stream.of("--force", "--dry-run")).toArray(String[]::new);
    assertThat(run(planned)).contains("would write", "model.safetensors");
    assertThat(folder.resolve("models/m1/model.onnx")).exists();
    Path other = Files.createDirectories(folder.resolve("precious"));
    Files.writeString(other.resolve("letters.txt"), "dear");
    Result kept =
        direct("export", "--weights", path("models/m1"), "--out", path("precious"), "--force");
    assertThat(kept.exit()).isEqualTo(2);
    assertThat(kept.output()).contains("is no exported model");
    assertThat(other.resolve("letters.txt")).exists();
  }

  @Test
  @Order(3)
  void aTransformerSaysWhatPredictSaysOnOneAndOnTwoExecutors() throws IOException {
    List<String> classes = predicted("models/m1", "raw/train");
    assertThat(classes).hasSize(PICTURES + 1);
    assertThat(classes.stream().filter(line -> !line.contains("\"problem\":null"))).hasSize(1);
    assertThat(classes.stream().map(line -> line.replaceAll(".*candidates", "")).distinct())
        .hasSizeGreaterThan(PICTURES / 2);
    detectorFolder();
    List<String> objects = predicted("models/retinanet", "raw/val");
    assertThat(objects).hasSize(10).allMatch(line -> line.contains("\"place\""));
    for (int executors : new int[] {1, 2}) {
      String output = submit(executors);
      assertThat(output)
          .contains("executors: " + executors)
          .contains("in SQL: " + objects.size() + " answers, shape ");
      assertThat(sorted(folder.resolve("classes-%d.json".formatted(executors)))).isEqualTo(classes);
      assertThat(sorted(folder.resolve("objects-%d.json".formatted(executors)))).isEqualTo(objects);
    }
  }

  private static List<String> predicted(String model, String pictures) throws IOException {
    Path answers = folder.resolve("predicted.json");
    String[] command = {"predict", "--weights", path(model), "--top", "3", "--json"};
    run(
        Stream.of(command, new String[] {answers.toString(), path(pictures)})
            .flatMap(Stream::of)
            .toArray(String[]::new));
    return sorted(answers);
  }

  private static void detectorFolder() throws IOException {
    Configuration conf = new Configuration();
    WeightFile.create(conf, hadoop("detector.safetensors"))
        .write(UntrainedNetwork.RETINA_NET.weights());
    SavedModel detector =
        SavedModel.open(
            conf,
            hadoop("detector.safetensors"),
            ModelWeights.Variant.MODEL,
            Optional.empty(),
            List.of());
    new ExportJob(conf, System.out)
        .run(
            detector,
            new ExportJob.Request(
                hadoop("models/retinanet"), Set.of(ExportFormat.MODEL), Existing.REFUSE));
  }

  private static List<String> sorted(Path lines) throws IOException {
    return Files.readAllLines(lines).stream().sorted().toList();
  }

  private static String submit(int executors) throws IOException {
    Result result =
        new SparkProgram(folder, TransformProgram.class)
            .run(
                LIMIT,
                "local-cluster[%d,1,1200]".formatted(executors),
                List.of(
                    "--executor-memory",
                    "700m",
                    "--conf",
                    "spark.driver.extraJavaOptions=" + JVM,
                    "--conf",
                    "spark.executor.extraJavaOptions=" + JVM),
                path("pipeline"),
                path("models/m1"),
                path("raw/train"),
                path("classes-%d.json".formatted(executors)),
                path("models/retinanet"),
                path("raw/val"),
                path("objects-%d.json".formatted(executors)));
    assertThat(result.exit()).as(result.output()).isZero();
    return result.output();
  }

  private static String run(String... words) {
    Result result = direct(words);
    assertThat(result.exit()).as(result.output()).isZero();
    return result.output();
  }

  private static Result direct(String... words) {
    return new ElapidRun(folder).direct().run(LIMIT, words);
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static org.apache.hadoop.fs.Path hadoop(String name) {
    return new org.apache.hadoop.fs.Path(path(name));
  }
}
