package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.backend.cuda.StandIn;
import io.elapid.benchmark.ScanShape;
import io.elapid.chaos.Launcher.Result;
import io.elapid.model.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The commands that measure, through the launcher: JMH's own JVMs must find everything. */
@Execution(ExecutionMode.CONCURRENT)
final class BenchIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir Path folder;

  @Test
  void memoryOfAStepIsPlannedForEveryNetwork() {
    Result result = bench("memory", "--batch", "2");
    assertThat(result.exit()).as(result.output()).isZero();
    for (String name : Models.names()) {
      assertThat(result.output()).containsPattern("(?m)^" + name + "( +[\\d,]+){6}$");
    }
  }

  @Test
  void kernelsAreTimedAgainstTheReferenceAndTheFloor() {
    Result result =
        bench(
            "ops",
            "--shape",
            ScanShape.TINYVIM_B_STAGE_1.name(),
            "--batch",
            "1",
            "--threads",
            "1",
            "--rough");
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output()).containsPattern("copying [\\d.]+ GB/s, [\\d.]+ G exponentials/s");
    for (String pass : List.of("scan", "scan and back", "projection", "projection and back")) {
      assertThat(result.output())
          .containsPattern("(?m)^TINYVIM_B_STAGE_1 +" + pass + "( +[\\d.]+){5}$");
    }
  }

  @Test
  void scansAreTimedOnADeviceAgainstTheFloorThatItsSpeedsSet() throws Exception {
    Assumptions.assumeTrue(StandIn.obstacle().isEmpty(), "the stand-in driver cannot be built");
    Result result = onDevice(StandIn.library(StandIn.Flavour.FAST).toString(), "cuda");
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("stand-in 0, GPU-00010203", "batch 1")
        .containsPattern("copying [\\d.]+ GB/s, 128 G exponentials/s of 8 multiprocessors")
        .doesNotContain("TINYVIM_B_STAGE_2");
    for (String pass : List.of("forward", "gradient", "both")) {
      assertThat(result.output())
          .containsPattern(
              "(?m)^TINYVIM_B_STAGE_1 +" + pass + "( +[\\d.]+){2} +\\d+%( +[\\d.]+){5}$");
    }
  }

  @Test
  void scansThatAreKeptInHalfTheBytesMoveHalfAsMany() throws Exception {
    Assumptions.assumeTrue(StandIn.obstacle().isEmpty(), "the stand-in driver cannot be built");
    String driver = StandIn.library(StandIn.Flavour.FAST).toString();
    Result floats = onDevice(driver, "cuda");
    Result halves = onDevice(driver, "cuda", "--storage", "bfloat16");
    assertThat(halves.exit()).as(halves.output()).isZero();
    assertThat(halves.output()).contains("scans in bfloat16");
    assertThat(megabytes(halves)).isCloseTo(megabytes(floats) / 2, within(0.1));
    Result unknown = onDevice(driver, "cuda", "--storage", "half");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.output()).contains("GPUs keep nothing as 'half'", "bfloat16");
    Result onCpu = onDevice(driver, "cpu", "--storage", "bfloat16");
    assertThat(onCpu.exit()).isEqualTo(2);
    assertThat(onCpu.output()).contains("the CPU keeps tensors as they are");
  }

  /** What both passes move. */
  private static double megabytes(Result result) {
    Pattern row = Pattern.compile("(?m)^TINYVIM_B_STAGE_1 +both(?: +[\\d.]+){2} +\\d+% +([\\d.]+)");
    Matcher matcher = row.matcher(result.output());
    assertThat(matcher.find()).as(result.output()).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void aMissingDeviceOrKindOfKernelsIsNamed() {
    Result driver = onDevice("libnone.so.1", "cuda");
    assertThat(driver.exit()).isEqualTo(2);
    assertThat(driver.output()).contains("no device for kernels 'cuda': cannot load libnone.so.1");
    Result kind = onDevice("libnone.so.1", "rocm");
    assertThat(kind.exit()).isEqualTo(2);
    assertThat(kind.output()).contains("no kernels are called 'rocm'", "--kernels cpu or cuda");
  }

  private Result onDevice(String driver, String kernels, String... more) {
    List<String> command = new ArrayList<>(List.of("bench", "ops", "--kernels", kernels));
    command.addAll(List.of("--batch", "1", "--shape", ScanShape.TINYVIM_B_STAGE_1.name()));
    command.addAll(List.of(more));
    return new ElapidRun(folder)
        .direct()
        .env("JAVA_TOOL_OPTIONS", "-Delapid.cuda.driver=" + driver)
        .run(LIMIT, command.toArray(String[]::new));
  }

  @Test
  void sumsOverRanksAreTimedAgainstACopyAndPutTheLeastOnTheWire() {
    Result result =
        bench("allreduce", "--ranks", "3", "--size", "1,2", "--warm-up", "0", "--runs", "2");
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .containsPattern("(?m)^ +1 +2( +[\\d.]+){6} +1\\.00\\d +[\\d.]+$")
        .containsPattern("(?m)^ +2 +2( +[\\d.]+){6} +1\\.00\\d +[\\d.]+$");
  }

  @Test
  void ranksInProcessesOfTheirOwnAreTimedAgainstOne() {
    Result result =
        bench(
            "scaling",
            "--model",
            "efficientvim_nano",
            "--shards",
            "2",
            "--samples",
            "2",
            "--image-size",
            "64",
            "--runs",
            "2",
            "--steps",
            "3",
            "--warm-up",
            "2",
            "--encrypt");
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("medians of 2 turns of 3 steps")
        .containsPattern("1 rank +[\\d.]+ pictures/s")
        .containsPattern("2 processes that share nothing +[\\d.]+ pictures/s")
        .containsPattern("2 ranks, sums while it runs +[\\d.]+ pictures/s.* waiting for sums")
        .containsPattern("[\\d.]+ times as fast as one")
        .containsPattern("[\\d.]+ times as fast as processes that share nothing");
  }

  @Test
  void readingAndWritingAreTimedAgainstPlainCopies() {
    Result result = bench("data", "--count", "10", "--runs", "1");
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .containsPattern(
            "shard of \\d+ MB read at \\d+ % of the speed of cat, at \\d+ % with samples")
        .containsPattern("shard written at \\d+ % of the speed of a copy");
  }

  @Test
  void preparingIsTimedAgainstAPlainCopy() {
    Result result =
        bench(
            "prepare",
            "--count",
            "10",
            "--repeat",
            "3",
            "--sync",
            "--runs",
            "1",
            "--work",
            folder.resolve("work").toString());
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .containsPattern("MB: cp -r [\\d.]+ s \\(\\d+ MB/s\\), prepare [\\d.]+ s")
        .containsPattern("prepared at \\d+ % of the speed of cp -r");
    assertThat(folder.resolve("work")).isEmptyDirectory();
  }

  @Test
  void aShapeThatDoesNotExistIsAnsweredWithThoseThatDo() {
    Result result = bench("ops", "--shape", "resnet");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.output())
        .contains("no shape starts with 'resnet'")
        .contains(ScanShape.MOBILEMAMBA_B1_STAGE_1.name());
  }

  @Test
  void passesOverTheParametersAreTimedAgainstTheBytesTheyMove() {
    Result result = bench("update", "--parameters", "100000", "--threads", "1");
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("100,000 parameters, 1 threads")
        .containsPattern("(?m)^adamW( +[\\d.]+){4}$")
        .containsPattern("(?m)^squares( +[\\d.]+){4}$");
  }

  @Test
  void whatServersInTroubleCostARunIsMeasured() {
    Result result = bench(words("trackers", "--block", "2", "--every", "2", "--copies", "2"));
    assertThat(result.exit()).as(result.output()).isZero();
    for (String server :
        List.of(
            "no server",
            "answers at once",
            "answers after 2 s",
            "is down",
            "never answers",
            "answers 500")) {
      assertThat(result.output())
          .containsPattern(
              "(?m)^" + server + "( +[\\d.]+){3} +[\\d.]+ % +\\d+ +[\\d.]+ %( +[\\d.]+){5}$");
    }
  }

  @Test
  void trainingStepIsTimedByKindOfOperationAgainstItsFloorAndSameDiffsSession() {
    String[] train = concat(new String[] {"bench"}, words("train", "--naive"));
    Result result = new ElapidRun(folder).archiving().direct().run(LIMIT, train);
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .containsPattern("step: median [\\d.]+ ms, p90 [\\d.]+ ms")
        .containsPattern("memory: \\d+ MiB planned")
        .containsPattern("(?m)^batch_norm_gradient +\\d+ +[\\d.]+ +[\\d.]+ %( +[\\d.]+){2}$")
        .containsPattern("floor: [\\d.]+ ms with products at \\d+ GFLOP/s")
        .containsPattern(
            "convolutions and matrix products alone: [\\d.]+ ms; step / those of the same run [1-9]")
        .containsPattern("outside kernels: [\\d.]+ ms")
        .containsPattern("(?m)^SameDiff( +[\\d.]+){3} +2$")
        .containsPattern("(?m)^results and gradients alive at once( +\\d+){2} +[\\d.]+$")
        .containsPattern("(?m)^what building and running it took( +[1-9]\\d*){2} +[\\d.]+$");
  }

  @Test
  void theClockStartsWhenCompilersHaveLeftUnlessRunsBeforeAreAskedFor() {
    Result warm =
        bench("infer --model efficientvim_nano --image-size 64 --batch 2 --runs 2".split(" "));
    assertThat(warm.exit()).as(warm.output()).isZero();
    assertThat(warm.output())
        .containsPattern("(?m)(compiled after|all the same, after) \\d+0 runs$");
    assertThat(bench(words("infer")).output()).containsPattern("(?m)^warmed up by 1 runs$");
  }

  @Test
  void latencyIsTimedForEveryNetworkAgainstTheSlowest() {
    Result result = bench("infer --all --batch 1 --image-size 64 --warm-up 0 --runs 1".split(" "));
    assertThat(result.exit()).as(result.output()).isZero();
    for (String name : Models.names()) {
      assertThat(result.output())
          .containsPattern("(?m)^" + name + " +warmed up by 0 runs$")
          .containsPattern("(?m)^" + name + " +64( +[\\d.]+){3} +[01]\\.\\d{3}$");
    }
    assertThat(result.output()).containsPattern("(?m) 1\\.000$");
  }

  @Test
  void eachRewriteIsTimedByLeavingItOut() {
    Result result = bench(words("infer", "--rewrites"));
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("inference, eval form", "inference, deploy form")
        .containsPattern("(?m)^all( +\\d+){2}( +[\\d.]+){3}$")
        .containsPattern("(?m)^without FusedConvolutions( +\\d+){2}( +[\\d.]+){3}$")
        .containsPattern("(?m)^none( +\\d+){2}( +[\\d.]+){3}$");
  }

  @Test
  void aStepIsShownOperationByOperation() {
    Result result = bench(words("train", "--operations"));
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .containsPattern("(?m)^ +0  elapid_\\S+ \\(elapid_\\w+\\) \\[\\[[\\d, ]+\\]")
        .containsPattern("(?m)^ +-> \\[2, 1000\\]  -?[\\d.e-]+ to [\\d.e-]+$")
        .doesNotContain("NOT FINITE");
  }

  @Test
  void inferenceIsTimedAndTraced() throws IOException {
    Path trace = folder.resolve("trace.json");
    Result result = bench(words("infer", "--profile", trace.toString()));
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(new ObjectMapper().readTree(trace.toFile()).get("traceEvents"))
        .hasSizeGreaterThan(100)
        .anySatisfy(event -> assertThat(event.path("name").asText()).contains("conv2d"));
    assertThat(result.output())
        .containsPattern("step: median [\\d.]+ ms")
        .doesNotContain("batch_norm");
  }

  @Test
  void pyTorchIsComparedWithWhereItIsInstalled() {
    Assumptions.assumeTrue(torchIsInstalled(), "no PyTorch in /usr/bin/python3");
    Result result = bench(known("train", "--peer", "torch"));
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .containsPattern("PyTorch [\\d.]+\\w*, BLAS: \\w+")
        .containsPattern("(?m)^PyTorch( +[\\d.]+){3} +2$")
        .containsPattern("(?m)^ratio( +[\\d.]+){3}$");
  }

  @Test
  void missingPyTorchIsAnsweredWithThePackagesToInstall() {
    Result result =
        new ElapidRun(folder)
            .direct()
            .env("PYTHON", folder.resolve("no-python").toString())
            .run(LIMIT, concat(new String[] {"bench"}, known("infer", "--peer", "torch")));
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.output()).contains("no-python").contains("python3-torch");
  }

  @Test
  void aNetworkThatThePeerDoesNotKnowIsRefusedBeforeAnythingIsMeasured() {
    Result result = bench("train", "--model", "tinyvim_s", "--peer", "torch");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.output()).contains("tinyvim_s in PyTorch").contains("efficientvim_m1");
  }

  private static boolean torchIsInstalled() {
    try {
      Process python =
          new ProcessBuilder("/usr/bin/python3", "-c", "import torch")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return python.waitFor(60, TimeUnit.SECONDS) && python.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** A small network's run. */
  private static String[] words(String... first) {
    return words("efficientvim_nano", first);
  }

  /** A run of the smallest network that has a counterpart in PyTorch. */
  private static String[] known(String... first) {
    return words("efficientvim_m1", first);
  }

  private static String[] words(String model, String[] first) {
    return concat(
        first,
        "--model %s --image-size 64 --batch 2 --threads 1 --warm-up 1 --runs 2"
            .formatted(model)
            .split(" "));
  }

  private static String[] concat(String[] first, String... then) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(then));
    return all.toArray(String[]::new);
  }

  private Result bench(String... words) {
    return new ElapidRun(folder).direct().run(LIMIT, concat(new String[] {"bench"}, words));
  }
}
