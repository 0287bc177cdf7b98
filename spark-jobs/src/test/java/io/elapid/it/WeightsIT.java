package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.chaos.Launcher.Result;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.Safetensors;
import io.elapid.checkpoint.WeightFile;
import io.elapid.model.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights of PyTorch through the command line, and the commands that describe networks. */
final class WeightsIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String NANO = NanoModel.NAME;

  @TempDir static Path folder;

  @BeforeAll
  static void picturesAndWeights() throws IOException {
    succeed(direct("generate", path("raw"), "--train", "40", "--val", "20", "--size", "64"));
    succeed(submitted("prepare", "imagenet", path("raw"), path("data")));
    List<NamedTensor> tensors = NanoModel.tensors(10, 40);
    TorchWriter.write(folder.resolve("nano.pth"), "model", "module.", tensors);
    plain("plain.safetensors", tensors);
    TorchWriter.write(
        folder.resolve("nano-1000.pth"), "state_dict", "", NanoModel.tensors(1000, 0));
    TorchWriter.writeHostile(folder.resolve("hostile.pth"));
  }

  @Test
  void aPyTorchCheckpointPredictsLikeTheSameWeightsInAnyForm() {
    Result torch = succeed(predict("--model", NANO, "--weights", path("nano.pth")));
    Result plain = succeed(predict("--model", NANO, "--weights", path("plain.safetensors")));
    assertThat(predictions(torch)).hasSize(2).isEqualTo(predictions(plain));
    assertThat(predictions(torch)).allMatch(line -> line.split("%", -1).length == 6);

    Result converted =
        succeed(direct("convert", path("nano.pth"), path("out.safetensors"), "--model", NANO));
    assertThat(converted.output())
        .containsPattern("convert: .*out.safetensors: \\d+ tensors, [\\d,]+ elements")
        .contains("(efficientvim_nano, 10 classes)")
        .contains("nano.pth (model)");
    Result known = succeed(predict("--weights", path("out.safetensors")));
    assertThat(predictions(known)).isEqualTo(predictions(torch));
    fails(
        "is there already",
        direct("convert", path("nano.pth"), path("out.safetensors"), "--model", NANO));
  }

  @Test
  void aThousandClassesHaveImageNetsNames() {
    Result named = succeed(predict("--model", NANO, "--weights", path("nano-1000.pth")));
    assertThat(predictions(named))
        .allMatch(
            line ->
                line.endsWith(
                    "tench 0.1 %, goldfish 0.1 %, great white shark 0.1 %, tiger shark 0.1 %,"
                        + " hammerhead 0.1 %"));
  }

  @Test
  void evaluatingOnAClusterTakesThemToo() {
    Result torch =
        succeed(
            submitted(
                "evaluate",
                "--model",
                NANO,
                "--weights",
                path("nano.pth"),
                "--data",
                path("data")));
    assertThat(torch.output()).containsPattern("evaluate: top-1 [\\d.]+ %.* over 20 pictures");
  }

  @Test
  void trainingStartsFromThemWithAFreshClassifierWhereTheClassesDiffer() throws IOException {
    fails(
        "tells 1000 classes apart, the data set has 10",
        submitted(train("kept", "model.weights=" + path("nano-1000.pth"))));
    succeed(
        submitted(
            train(
                "fresh",
                "model.weights=" + path("nano-1000.pth"),
                "model.classifier=fresh",
                "schedule.learning-rate=1e-12",
                "schedule.min-learning-rate=0",
                "schedule.warmup-learning-rate=0")));
    Path trained = newest(folder.resolve("fresh/checkpoints")).resolve("model.safetensors");
    NamedTensor stem =
        Safetensors.read("trained", Files.readAllBytes(trained))
            .tensors()
            .get("patch_embed.conv.0.conv.weight");
    NamedTensor given =
        NanoModel.tensors(1000, 0).stream()
            .filter(t -> t.name().equals(stem.name()))
            .findFirst()
            .orElseThrow();
    for (int i = 0; i < given.elements(); i++) {
      assertThat(stem.floats().get(i)).isCloseTo(given.floats().get(i), offset());
    }
  }

  @Test
  void codeInACheckpointIsRefusedByItsName() {
    Result refused =
        fails("names posix.system", direct("convert", path("hostile.pth"), path("no.safetensors")));
    assertThat(refused.output()).contains("save only model.state_dict()");
    assertThat(folder.resolve("no.safetensors")).doesNotExist();
  }

  @Test
  void mistakesWithWeightsEndInOneLineAndAWayOut() throws IOException {
    byte[] whole = Files.readAllBytes(folder.resolve("nano.pth"));
    Files.write(folder.resolve("cut.pth"), Arrays.copyOf(whole, whole.length / 2));
    fails("cut.pth is not a usable PyTorch checkpoint", predict("--weights", path("cut.pth")));
    fails("does not say which network", predict("--weights", path("nano.pth")));
    Result other =
        fails(
            "does not fit efficientvim_m1",
            predict("--model", "efficientvim_m1", "--weights", path("nano.pth")));
    assertThat(other.output()).containsPattern("of another shape: .* instead of ");
    fails("efficientvim_m9", predict("--model", "efficientvim_m9", "--weights", path("nano.pth")));
    fails(
        "holds no moving average",
        predict("--variant", "ema", "--model", NANO, "--weights", path("nano.pth")));
  }

  @Test
  void networksAreListedWithTheirCountsAndThePapers() throws IOException {
    Result listed = succeed(direct("models", "--json"));
    String json = listed.output().substring(listed.output().indexOf("[ {"));
    JsonNode models = new JsonMapper().readTree(json);
    assertThat(models).hasSize(Models.names().size());
    for (JsonNode model : models) {
      if (model.get("name").asText().equals("efficientvim_m1")) {
        assertThat(model.get("parameters").asLong()).isEqualTo(6_679_458);
        assertThat(model.get("multiplyAccumulates").asLong()).isBetween(236_350_000L, 236_450_000L);
        assertThat(model.get("paper").get("multiplyAccumulates").asText()).isEqualTo("239 M");
      }
    }
    assertThat(succeed(direct("models")).output())
        .containsPattern("efficientvim_m1 +224 +6.68 +6.66 +236.4 +6.7 M +239 M");
  }

  @Test
  void aSummaryListsLayersAndTotals() {
    Result summary = succeed(direct("summary", NANO, "--classes", "10", "--image-size", "128"));
    assertThat(summary.output())
        .containsPattern("patch_embed.conv.0.conv +conv2d +8x64x64 +216 +884,736")
        .containsPattern("heads.0 +linear +10 +650 +640")
        .contains("efficientvim_nano at 128x128, 10 classes: ");
    fails("out of range", direct("summary", NANO, "--image-size", "5"));
  }

  private static Offset<Float> offset() {
    return Offset.offset(1e-9f);
  }

  private static void plain(String name, List<NamedTensor> tensors) throws IOException {
    Map<String, NamedTensor> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    WeightFile.create(new Configuration(), new org.apache.hadoop.fs.Path(path(name)))
        .write(new ModelWeights("test", Optional.empty(), byName));
  }

  private static Path newest(Path checkpoints) throws IOException {
    try (var folders = Files.list(checkpoints)) {
      return folders
          .filter(f -> f.getFileName().toString().startsWith("step-"))
          .sorted()
          .toList()
          .get(0);
    }
  }

  private static List<String> predictions(Result result) {
    return result.output().lines().filter(line -> line.contains(".JPEG: ")).toList();
  }

  private static Result predict(String... options) {
    List<String> words = new ArrayList<>(List.of("predict"));
    words.addAll(List.of(options));
    words.add(path("raw/val/n90000100"));
    return direct(words.toArray(String[]::new));
  }

  private static String[] train(String run, String... overrides) {
    List<String> words =
        new ArrayList<>(
            List.of("train", "--recipe", "quickstart", "--data", path("data"), "--output"));
    words.add(path(run));
    List<String> all =
        new ArrayList<>(
            List.of(
                "model.name=" + NANO,
                "schedule.type=constant",
                "schedule.warmup-epochs=0",
                "schedule.epochs=1",
                "schedule.cooldown-epochs=0",
                "batch.size=16",
                "cluster.ranks=1",
                "cluster.max-failures=0"));
    all.addAll(List.of(overrides));
    all.forEach(override -> words.addAll(List.of("-D", override)));
    return words.toArray(String[]::new);
  }

  private static Result direct(String... words) {
    return new ElapidRun(folder).direct().run(LIMIT, words);
  }

  private static Result submitted(String... words) {
    return new ElapidRun(folder).submit("--master", "local[1]").run(LIMIT, words);
  }

  private static Result succeed(Result result) {
    assertThat(result.exit()).as(result.output()).isZero();
    return result;
  }

  private static Result fails(String problem, Result result) {
    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output()).contains("elapid: ").containsPattern(problem);
    assertThat(result.output()).contains("fix: ").doesNotContain("\tat ");
    return result;
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }
}
