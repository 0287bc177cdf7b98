package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.backend.cuda.StandIn;
import io.elapid.chaos.Launcher.Result;
import io.elapid.worker.SmallData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What {@code -Pcuda} makes, on a cluster whose Spark counts a GPU: without a driver for it nothing
 * is computed and the first line says so. A flag makes such a distribution of the one that is
 * tested; DistIT has the real one.
 */
@Execution(ExecutionMode.CONCURRENT)
final class GpuDistributionIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final String NO_DRIVER = "libnone.so.1";
  private static final String CAUSE =
      "this distribution computes on a GPU (cuda), and none can be used here: cannot load "
          + NO_DRIVER;

  @TempDir static Path folder;
  private static Path data;
  private static Path gpus;

  @BeforeAll
  static void prepare() throws Exception {
    data = Path.of(SmallData.prepare(folder, 16, 8).toUri());
    gpus = script("gpus", "echo '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'\n");
  }

  private static Path script(String name, String lines) throws IOException {
    Path script = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + lines);
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void whatNeedsNoKernelsNeedsNoGpu() {
    Result models = without().computingNothing().direct().run(LIMIT, "models");
    assertThat(models.exit()).as(models.output()).isZero();
    assertThat(models.output()).contains("tinyvim_s").doesNotContain("cannot load");
  }

  @Test
  void whatComputesStopsAtOnceAndNamesTheWayOut() {
    String[] words = "bench train --model efficientvim_nano --image-size 64 --batch 2".split(" ");
    Result bench = without().computingNothing().direct().run(LIMIT, words);
    assertThat(bench.exit()).as(bench.output()).isEqualTo(2);
    List<String> lines = bench.output().lines().toList();
    assertThat(bench.output()).doesNotContain("median");
    assertThat(lines.get(lines.size() - 2)).startsWith("elapid: " + CAUSE);
    assertThat(lines.get(lines.size() - 1)).startsWith("   fix: ").contains("ELAPID_KERNELS=cpu");
  }

  @Test
  void aRankWithoutADriverIsTheCauseThatTheDriverNames() {
    Result train = train(without(), "without");
    assertThat(train.exit()).as(train.output()).isEqualTo(2);
    assertThat(train.output())
        .containsPattern("(?m)^elapid: rank 0 on \\S+ \\(executor 0\\) at step 0 while \\w+: ")
        .contains(CAUSE)
        .contains("-D cluster.gpus-per-rank=0")
        .doesNotContain("starting again");
  }

  @Test
  void theQuickstartMakesNoPicturesForExecutorsWithoutGpus() {
    String work = folder.resolve("quickstart").toString();
    Result quickstart =
        without().submit("--master", "local[1]").run(LIMIT, "quickstart", "--work", work);
    assertThat(quickstart.exit()).as(quickstart.output()).isEqualTo(2);
    assertThat(quickstart.output())
        .contains("cluster.gpus-per-rank is 1, but the executors have no GPUs")
        .doesNotContain("1 of 4");
  }

  @Test
  void theDoctorFindsItBefore() {
    String words =
        "doctor --recipe quickstart --ranks 1 -D cluster.gpus-per-rank=1 -D sync.transport=nccl";
    Result doctor = onCluster(without(), 1, gpus).run(LIMIT, words.split(" "));
    assertThat(doctor.exit()).as(doctor.output()).isEqualTo(1);
    assertThat(doctor.output())
        .containsPattern("(?m)^executor 0 +problem +cannot compute: \\Q" + CAUSE)
        .containsPattern("(?m)^ +fix: +install the GPU's driver")
        .containsPattern("(?m)^sums +advice +executor 0: .*: ranks would sum over sockets");
  }

  @Test
  void withADriverEveryRankComputesOnTheGpuThatSparkGives() throws Exception {
    Assumptions.assumeTrue(StandIn.obstacle().isEmpty(), "the stand-in driver cannot be built");
    Result train = train(with(StandIn.library(StandIn.Flavour.FAST).toString()), "run");
    assertThat(train.exit()).as(train.output()).isZero();
    assertThat(folder.resolve("run/metrics.jsonl"))
        .content()
        .containsPattern("\"event\":\"rank\".*\"gpu\":\"0\"");
  }

  @Test
  void ranksWithGpusOfTheirOwnSumByNccl() throws Exception {
    Assumptions.assumeTrue(StandIn.obstacle().isEmpty(), "the stand-in driver cannot be built");
    // each worker is given another one
    Path script =
        script(
            "two-gpus",
            """
            if mkdir "$0.first" 2>/dev/null; then n=0; else n=1; fi
            echo "{\\"name\\": \\"gpu\\", \\"addresses\\": [\\"$n\\"]}"
            """);
    ElapidRun run =
        with(StandIn.library(StandIn.Flavour.FAST) + " -Delapid.nccl=" + StandIn.communicator());
    Result train = train(run, 2, script, "nccl", "-D", "sync.transport=nccl");
    assertThat(train.exit()).as(train.output()).isZero();
    assertThat(train.output()).contains("train: ranks sum by NCCL 2.18.5");
    assertThat(folder.resolve("nccl/metrics.jsonl"))
        .content()
        .containsPattern("\"event\":\"rank\".*\"gpu\":\"0\"")
        .containsPattern("\"event\":\"rank\".*\"gpu\":\"1\"")
        .containsPattern("\"event\":\"sums\".*\"by\":\"NCCL 2.18.5\",\"because\":\"\"")
        .contains("\"event\":\"evaluation\"");
  }

  @Test
  void whereAGpuFailsForGoodAnotherProcessGoesOn() throws Exception {
    Assumptions.assumeTrue(StandIn.obstacle().isEmpty(), "the stand-in driver cannot be built");
    ElapidRun run = with(StandIn.library(StandIn.Flavour.FAST).toString());
    run.env("ELAPID_STANDIN_FAILS_ONCE", folder.resolve("failed").toString());
    Result train = train(run, "replaced");
    assertThat(train.exit()).as(train.output()).isZero();
    assertThat(train.output())
        .containsPattern(
            "train: rank 0 on \\S+ \\(executor 0\\) at step 0 while .* on stand-in 0.*:"
                + " .*CUDA_ERROR_LAUNCH_FAILED.*: the device has failed")
        .containsOnlyOnce("starting again from step 0")
        .contains("the accelerator of executor 0 has failed; replacing the executor");
    assertThat(folder.resolve("replaced/metrics.jsonl"))
        .content()
        .containsPattern("\"event\":\"rank\".*\"attempt\":0.*\"executor\":\"0\"")
        .containsPattern("\"event\":\"rank\".*\"attempt\":1.*\"executor\":\"1\"")
        .contains("\"event\":\"evaluation\"");
  }

  @Test
  void whereMemoryOfAGpuIsShortTheFixIsSaidAndTheExecutorStays() throws Exception {
    Assumptions.assumeTrue(StandIn.obstacle().isEmpty(), "the stand-in driver cannot be built");
    ElapidRun run = with(StandIn.library(StandIn.Flavour.FAST).toString());
    run.env("ELAPID_STANDIN_MEBIBYTES", "1");
    Result train = train(run, "short");
    assertThat(train.exit()).as(train.output()).isNotZero();
    assertThat(train.output())
        .containsPattern(
            "(?m)^elapid: rank 0 on \\S+ \\(executor \\d+\\) at step \\d+ while .*out of memory: .*"
                + " on stand-in 0.*CUDA_ERROR_OUT_OF_MEMORY")
        .containsPattern("(?m)^ +fix: lower batch.size / batch.shards, or set cluster.recompute")
        .doesNotContain("replacing the executor", "starting again");
  }

  private static ElapidRun without() {
    return with(NO_DRIVER);
  }

  private static ElapidRun with(String driver) {
    ElapidRun run = new ElapidRun(folder);
    run.env("JAVA_TOOL_OPTIONS", "-Delapid.dist.kernels=cuda -Delapid.cuda.driver=" + driver);
    return run;
  }

  private static ElapidRun onCluster(ElapidRun run, int workers, Path discovery) {
    run.sideBySide()
        .submit("--master", "local-cluster[%d,1,1024]".formatted(workers))
        .submit("--executor-memory", "700m")
        .submit("--conf", "spark.worker.resource.gpu.amount=1")
        .submit("--conf", "spark.worker.resource.gpu.discoveryScript=" + discovery)
        .submit("--conf", "spark.executor.resource.gpu.amount=1");
    return run;
  }

  private static Result train(ElapidRun run, String output) {
    return train(run, 1, gpus, output);
  }

  private static Result train(
      ElapidRun run, int ranks, Path discovery, String output, String... more) {
    String words =
        "train --recipe quickstart -D model.name=efficientvim_nano -D schedule.type=constant"
            + " -D model.image-size=32 -D schedule.warmup-epochs=0 -D schedule.epochs=1 -D batch.size=8 -D batch.shards=2"
            + " --ranks %d --data %s --output %s";
    List<String> all =
        new ArrayList<>(List.of(words.formatted(ranks, data, folder.resolve(output)).split(" ")));
    all.addAll(List.of(more));
    return onCluster(run, ranks, discovery).run(LIMIT, all.toArray(String[]::new));
  }
}
