package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.Launcher.Result;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Each mistake a user makes ends with one line that says what is wrong, one that says the way out,
 * and exit code 2.
 */
@Execution(ExecutionMode.CONCURRENT)
final class BadInputIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String[] LOCAL = {"--master", "local[1]"};

  @TempDir static Path folder;

  @BeforeAll
  static void trainedRun() {
    succeed("generate", path("raw"), "--train", "40", "--val", "20", "--size", "64");
    succeed(
        "generate", path("raw4"), "--train", "16", "--val", "8", "--size", "64", "--classes", "4");
    succeed("prepare", "imagenet", path("raw"), path("data"));
    succeed("prepare", "imagenet", path("raw4"), path("data4"));
    Result trained =
        elapid().archiving().submit(LOCAL).run(LIMIT, train("run", "efficientvim_nano", "2"));
    assertThat(trained.exit()).as(trained.output()).isZero();
  }

  @Test
  void missingSource() {
    fails(
        "does not exist|no such|nothing at",
        "prepare",
        "imagenet",
        path("nowhere"),
        path("out-missing"));
    assertThat(folder.resolve("out-missing")).doesNotExist();
  }

  @Test
  void emptySource() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    fails("empty", "prepare", "imagenet", path("empty"), path("out-empty"));
    assertThat(folder.resolve("out-empty")).doesNotExist();
  }

  @Test
  void unreadablePictures() throws IOException {
    Path source = copyOf("raw", "damaged");
    List<Path> pictures = pictures(source.resolve("train"));
    Files.writeString(pictures.get(0), "this is no picture");
    truncate(pictures.get(1));

    fails(
        "2 of 60 files are unreadable",
        "prepare",
        "imagenet",
        source.toString(),
        path("out-damaged"));
    assertThat(folder.resolve("out-damaged/manifest.json")).doesNotExist();
    assertThat(folder.resolve("out-damaged/_SUCCESS")).doesNotExist();
    assertThat(folder.resolve("out-damaged/train")).doesNotExist();
    assertThat(folder.resolve("out-damaged/quarantine/part-00000.parquet")).exists();

    Result allowed =
        run("prepare", "imagenet", source.toString(), path("out-damaged"), "--max-bad", "0.05");
    assertThat(allowed.exit()).as(allowed.output()).isZero();
    assertThat(allowed.output()).contains("2 of 60 files are unreadable");
  }

  @Test
  void outputFolderThatIsSomebodyElses() throws IOException {
    Files.createDirectories(folder.resolve("theirs"));
    Files.writeString(folder.resolve("theirs/thesis.tex"), "years of work");
    fails("not empty", "prepare", "imagenet", path("raw"), path("theirs"));
    assertThat(folder.resolve("theirs/thesis.tex")).hasContent("years of work");
  }

  @Test
  void classCountThatIsNotTheModels() {
    fails("4 classes", "evaluate", "--weights", path("run"), "--data", path("data4"));
  }

  @Test
  void checkpointOfAnotherModel() {
    fails("efficientvim_nano", train("run", "efficientvim_m1", "3"));
  }

  @Test
  void truncatedCheckpoint() throws IOException {
    Path run = copyOf("run", "run-truncated");
    try (Stream<Path> files = Files.walk(run)) {
      for (Path weights : files.filter(f -> f.endsWith("model.safetensors")).toList()) {
        truncate(weights);
      }
    }
    fails(
        "model.safetensors|checkpoint|weights",
        "evaluate",
        "--weights",
        run.toString(),
        "--data",
        path("data"));
    fails("2 checkpoints are damaged", train("run-truncated", "efficientvim_nano", "3"));
  }

  @Test
  void damagedShard() throws IOException {
    Path data = copyOf("data", "data-damaged");
    truncate(data.resolve("val/part-00000-of-00001.parquet"));
    fails(
        "part-00000-of-00001.parquet",
        "evaluate",
        "--weights",
        path("run"),
        "--data",
        data.toString());
  }

  @Test
  void unknownRecipeKeys() {
    Result result =
        fails(
            "did you mean",
            "train",
            "--recipe",
            "quickstart",
            "--data",
            path("data"),
            "--output",
            path("out-key"),
            "-D",
            "optimizer.weight-decy=0.1",
            "-D",
            "batch.sise=4");
    assertThat(result.output()).contains("weight-decy").contains("batch.sise");
    assertThat(folder.resolve("out-key")).doesNotExist();
  }

  @Test
  void unknownModel() {
    fails("efficientvim_m9", train("out-model", "efficientvim_m9", "1"));
  }

  @Test
  void unfinishedDataSet() throws IOException {
    Path data = copyOf("data", "data-unfinished");
    Files.delete(data.resolve("_SUCCESS"));
    fails(
        "not a finished data set", "evaluate", "--weights", path("run"), "--data", data.toString());
  }

  @Test
  void fewerSlotsThanRanks() {
    String[] words = train("out-slots", "efficientvim_nano", "1");
    words[words.length - 1] = "cluster.slots-timeout=3s";
    fails("needs 2 task slots", words);
    assertThat(folder.resolve("out-slots/checkpoints")).doesNotExist();
  }

  /** The one worker has a core less than an executor is to have. */
  @Test
  void noExecutorAtAll() {
    String[] words = train("out-none", "efficientvim_nano", "1");
    words[words.length - 1] = "cluster.slots-timeout=3s";
    Result result =
        elapid()
            .submit("--master", "local-cluster[1,1,1024]", "--conf", "spark.executor.cores=2")
            .run(LIMIT, words);
    saysWhatIsWrong(result, "needs 2 task slots .* offers 0");
    assertThat(result.output()).contains("fix: look at the cluster manager's page");
  }

  @Test
  void tooLittleMemoryOfAnExecutorThatEvaluates() {
    Result result =
        elapid()
            .submit("--master", "local-cluster[1,1,1024]", "--executor-memory", "500m")
            .env("ELAPID_PROCESS_MEMORY", "100m")
            .run(LIMIT, "evaluate", "--weights", path("run"), "--data", path("data"));
    saysWhatIsWrong(result, "out of memory: .*");
    assertThat(result.output())
        .containsPattern("fix: raise .*maxphysicalbytes.* or lower evaluation.batch-size")
        .doesNotContain("Lost executor");
  }

  @Test
  void tooLittleMemoryOfAProcessThatMeasures() {
    String[] words = "bench train --model efficientvim_nano --image-size 64 --batch 2".split(" ");
    Result result =
        new ElapidRun(folder).direct().env("ELAPID_PROCESS_MEMORY", "100m").run(LIMIT, words);
    saysWhatIsWrong(result, "out of memory: OutOfMemoryError: .*");
    assertThat(result.output()).containsPattern("fix: raise .*ELAPID_PROCESS_MEMORY.*--batch");
  }

  /** With two ranks, which local[1] cannot start, unless the last override is replaced. */
  private static String[] train(String run, String model, String epochs) {
    return new String[] {
      "train",
      "--recipe",
      "quickstart",
      "--data",
      path("data"),
      "--output",
      path(run),
      "-D",
      "model.name=" + model,
      "-D",
      "schedule.type=constant",
      "-D",
      "schedule.warmup-epochs=0",
      "-D",
      "schedule.epochs=" + epochs,
      "-D",
      "batch.size=16",
      "-D",
      "checkpoint.every-epochs=1",
      "-D",
      "cluster.ranks=1"
    };
  }

  private static Result fails(String problem, String... words) {
    Result result = run(words);
    saysWhatIsWrong(result, problem);
    return result;
  }

  private static void saysWhatIsWrong(Result result, String problem) {
    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output()).containsPattern("elapid: .*").containsPattern(problem);
    // Spark itself may have logged a trace before, when its threads start late
    String answer = result.output().substring(result.output().lastIndexOf("elapid: "));
    assertThat(answer).contains("fix: ").doesNotContain("\tat ");
  }

  private static void succeed(String... words) {
    Result result = run(words);
    assertThat(result.exit()).as(result.output()).isZero();
  }

  private static ElapidRun elapid() {
    return new ElapidRun(folder);
  }

  private static Result run(String... words) {
    return elapid().computingNothing().submit(LOCAL).run(LIMIT, words);
  }

  private static Path copyOf(String from, String to) throws IOException {
    Path source = folder.resolve(from);
    Path target = folder.resolve(to);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(source.relativize(file)));
      }
    }
    return target;
  }

  private static List<Path> pictures(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(f -> f.toString().endsWith(".JPEG")).sorted().toList();
    }
  }

  private static void truncate(Path file) throws IOException {
    try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
      data.setLength(data.length() / 2);
    }
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }
}
