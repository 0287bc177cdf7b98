package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.config.RecipeLoader;
import io.elapid.job.Finding.Verdict;
import io.elapid.worker.MachineProbe;
import io.elapid.worker.MemoryNeed;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class SettingsCheckTest {
  private static final long MIB = 1 << 20;

  @Test
  void whatElapidSetsByItselfIsFine() {
    assertThat(SettingsCheck.of(conf(), Optional.empty()))
        .allSatisfy(finding -> assertThat(finding.verdict()).isEqualTo(Verdict.OK));
  }

  @Test
  void settingsThatBarrierTrainingCannotLiveWithAreProblems() {
    SparkConf conf =
        conf()
            .set("spark.dynamicAllocation.enabled", "true")
            .set("spark.task.reaper.enabled", "false")
            .set("spark.network.crypto.enabled", "true");
    assertThat(SettingsCheck.of(conf, Optional.empty()))
        .filteredOn(finding -> finding.verdict() == Verdict.PROBLEM)
        .allSatisfy(finding -> assertThat(finding.fix()).isNotBlank())
        .extracting(Finding::subject)
        .containsExactly("scheduling", "hung tasks", "security");
  }

  @Test
  void threadsAreComparedWithTheCoresOfATask() {
    assertThat(threads(conf().set("spark.task.cpus", "4"), 4).verdict()).isEqualTo(Verdict.OK);
    assertThat(threads(conf(), 4))
        .extracting(Finding::fix)
        .asString()
        .contains("spark.task.cpus=4");
    SparkConf omp =
        conf().set("spark.task.cpus", "4").set("spark.executorEnv.OMP_NUM_THREADS", "1");
    assertThat(threads(omp, 4).fix()).contains("OMP_NUM_THREADS=4");
  }

  @Test
  void limitsBelowWhatTheRanksNeedAreNamedWithARoundFigureAbove() {
    MemoryNeed need = new MemoryNeed(900 * MIB, 300 * MIB);
    MachineProbe.Facts roomy = executor("2900m", "-XX:MaxDirectMemorySize=400m");
    assertThat(MemoryCheck.of(conf(), roomy, need, 1))
        .extracting(Finding::verdict)
        .containsExactly(Verdict.OK);

    List<Finding> two = MemoryCheck.of(conf(), roomy, need, 2);
    assertThat(two).extracting(Finding::verdict).containsOnly(Verdict.PROBLEM);
    assertThat(two)
        .extracting(Finding::fix)
        .satisfiesExactly(
            fix -> assertThat(fix).contains("MaxDirectMemorySize=768m"),
            fix -> assertThat(fix).contains("maxphysicalbytes=3840m"));
  }

  @Test
  void aContainerMustHoldTheWholeProcess() {
    SparkConf yarn =
        conf()
            .set("spark.master", "yarn")
            .set("spark.executor.memory", "1g")
            .set("spark.executor.memoryOverhead", "1g");
    MachineProbe.Facts facts = executor("2900m", "-XX:MaxDirectMemorySize=400m");
    assertThat(MemoryCheck.of(yarn, facts, new MemoryNeed(MIB, MIB), 1))
        .singleElement()
        .satisfies(f -> assertThat(f.fix()).contains("spark.executor.memoryOverhead=2048m"));
  }

  private static Finding threads(SparkConf conf, int threads) {
    var recipe = RecipeLoader.parse("test", "", List.of("cluster.threads-per-rank=" + threads));
    return SettingsCheck.of(conf, Optional.of(recipe)).stream()
        .filter(finding -> finding.subject().equals("threads"))
        .findFirst()
        .orElseThrow();
  }

  private static MachineProbe.Facts executor(String process, String argument) {
    return new MachineProbe.Facts(
        "host",
        "1",
        17,
        true,
        "vector",
        true,
        "",
        4,
        "1",
        0,
        1024 * MIB,
        process,
        List.of("-Xmx1g", argument),
        List.of(),
        "",
        "",
        MachineProbe.DeviceSumsFacts.NONE);
  }

  private static SparkConf conf() {
    return new SparkConf(false)
        .set("spark.task.reaper.enabled", "true")
        .set("spark.task.reaper.killTimeout", "15s");
  }
}
