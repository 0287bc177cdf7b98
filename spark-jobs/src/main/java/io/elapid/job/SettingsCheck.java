package io.elapid.job;

import io.elapid.config.ClusterSpec;
import io.elapid.config.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.SparkConf;

/** Whether what Spark has been told fits the recipe; looks at settings alone. */
final class SettingsCheck {
  private final SparkConf spark;
  private final List<Finding> findings = new ArrayList<>();

  private SettingsCheck(SparkConf spark) {
    this.spark = spark;
  }

  static List<Finding> of(SparkConf spark, Optional<Recipe> recipe) {
    SettingsCheck check = new SettingsCheck(spark);
    check.scheduling();
    check.reaper();
    check.security();
    recipe.ifPresent(r -> check.threads(r.cluster()));
    return check.findings;
  }

  private void scheduling() {
    if (spark.getBoolean("spark.dynamicAllocation.enabled", false)) {
      findings.add(
          Finding.problem(
              "scheduling",
              "spark.dynamicAllocation.enabled is true: Spark refuses barrier stages then",
              "--conf spark.dynamicAllocation.enabled=false"));
    } else {
      findings.add(Finding.ok("scheduling", "barrier stages are possible"));
    }
  }

  private void reaper() {
    if (!spark.getBoolean("spark.task.reaper.enabled", false)) {
      findings.add(
          Finding.problem(
              "hung tasks",
              "spark.task.reaper.enabled is false: a task that hangs keeps its slot from the next attempt",
              "leave spark.task.reaper.enabled and spark.task.reaper.killTimeout unset: elapid sets them"));
      return;
    }
    long seconds = spark.getTimeAsSeconds("spark.task.reaper.killTimeout", "-1");
    if (seconds < 0 || seconds > 60) {
      findings.add(
          Finding.advice(
              "hung tasks",
              "spark.task.reaper.killTimeout is %s: a restart may have to wait for that"
                  .formatted(seconds < 0 ? "unlimited" : seconds + " s"),
              "--conf spark.task.reaper.killTimeout=15s"));
    } else {
      findings.add(Finding.ok("hung tasks", "are ended after %d s".formatted(seconds)));
    }
  }

  private void security() {
    boolean authenticate = spark.getBoolean("spark.authenticate", false);
    boolean encrypt =
        spark.getBoolean("spark.network.crypto.enabled", false)
            || spark.getBoolean("spark.ssl.rpc.enabled", false);
    if (encrypt && !authenticate) {
      findings.add(
          Finding.problem(
              "security",
              "spark.network.crypto.enabled needs spark.authenticate, which is off",
              "--conf spark.authenticate=true, with a secret where the master is not YARN"));
    } else if (authenticate && !encrypt) {
      findings.add(
          Finding.advice(
              "security",
              "spark.authenticate is on, but the run's secret travels to the executors unencrypted",
              "--conf spark.network.crypto.enabled=true"));
    } else {
      findings.add(
          Finding.ok(
              "security", authenticate ? "authenticated and encrypted" : "off, here and in Spark"));
    }
  }

  private void threads(ClusterSpec cluster) {
    int cpus = spark.getInt("spark.task.cpus", 1);
    int threads = cluster.threadsPerRank();
    OptionalInt omp =
        spark.contains("spark.executorEnv.OMP_NUM_THREADS")
            ? OptionalInt.of(spark.getInt("spark.executorEnv.OMP_NUM_THREADS", 1))
            : OptionalInt.empty();
    if (threads != cpus) {
      findings.add(
          Finding.advice(
              "threads",
              threads > cpus
                  ? "a rank computes with %d threads on %d cores: ranks take each other's"
                      .formatted(threads, cpus)
                  : "a rank computes with %d threads and holds %d cores".formatted(threads, cpus),
              "--conf spark.task.cpus=%d, or -D cluster.threads-per-rank=%d"
                  .formatted(threads, cpus)));
    } else if (omp.isPresent() && omp.getAsInt() != threads) {
      findings.add(
          Finding.advice(
              "threads",
              "OMP_NUM_THREADS is %d on executors, cluster.threads-per-rank %d"
                  .formatted(omp.getAsInt(), threads),
              "--conf spark.executorEnv.OMP_NUM_THREADS=" + threads));
    } else {
      findings.add(Finding.ok("threads", "%d a rank, on as many cores".formatted(threads)));
    }
  }
}
