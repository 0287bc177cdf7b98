package io.elapid.job;

import io.elapid.worker.MachineProbe;
import io.elapid.worker.MemoryNeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.network.util.JavaUtils;

/** Whether the memory limits of an executor hold the ranks that run in it. */
final class MemoryCheck {
  private static final String SUBJECT = "memory";
  private static final String MAX_DIRECT = "-XX:MaxDirectMemorySize=";

  /** Code, threads and tables of a JVM with Spark in it. */
  private static final long JVM = 300L << 20;

  private final SparkConf spark;
  private final MachineProbe.Facts facts;
  private final MemoryNeed need;
  private final int ranks;
  private final List<Finding> findings = new ArrayList<>();

  private MemoryCheck(SparkConf spark, MachineProbe.Facts facts, MemoryNeed need, int ranks) {
    this.spark = spark;
    this.facts = facts;
    this.need = need;
    this.ranks = ranks;
  }

  /**
   * Compares.
   *
   * @param ranks how many share the executor's process
   */
  static List<Finding> of(SparkConf spark, MachineProbe.Facts facts, MemoryNeed need, int ranks) {
    MemoryCheck check = new MemoryCheck(spark, facts, need, ranks);
    check.limits();
    check.container();
    if (check.findings.isEmpty()) {
      check.findings.add(
          Finding.ok(
              SUBJECT,
              "%d rank(s) in executor %s take about %s of tensors and %s of buffers, beside a heap of %s"
                  .formatted(
                      ranks,
                      facts.executor(),
                      mebibytes(check.tensors()),
                      mebibytes(check.buffers()),
                      mebibytes(facts.heap()))));
    }
    return check.findings;
  }

  private long tensors() {
    return need.tensors() * ranks;
  }

  private long buffers() {
    return need.buffers() * ranks;
  }

  private void limits() {
    if (buffers() > direct()) {
      problem(
          "buffers take about %s, the JVM allows %s"
              .formatted(mebibytes(buffers()), mebibytes(direct())),
          MAX_DIRECT + setting(buffers()) + " in spark.executor.extraJavaOptions");
    }
    if (total() > process()) {
      problem(
          "heap, tensors and buffers take about %s, maxphysicalbytes is %s"
              .formatted(mebibytes(total()), mebibytes(process())),
          "-Dorg.bytedeco.javacpp.maxphysicalbytes=%s in spark.executor.extraJavaOptions (or ELAPID_PROCESS_MEMORY)"
              .formatted(setting(total())));
    }
  }

  /** YARN and Kubernetes end a process that outgrows its container. */
  private void container() {
    String master = spark.get("spark.master", "");
    if (!master.startsWith("yarn") && !master.startsWith("k8s")) {
      return;
    }
    long heap = spark.getSizeAsBytes("spark.executor.memory", "1g");
    long overhead =
        spark.contains("spark.executor.memoryOverhead")
            ? spark.getSizeAsMb("spark.executor.memoryOverhead", "0") << 20
            : Math.max(384L << 20, heap / 10);
    if (process() > heap + overhead) {
      problem(
          "the process may grow to %s, its container holds %s"
              .formatted(mebibytes(process()), mebibytes(heap + overhead)),
          "--conf spark.executor.memoryOverhead=%s".formatted(setting(process() - heap)));
    }
  }

  private long total() {
    return facts.heap() + tensors() + buffers() + JVM;
  }

  private void problem(String text, String fix) {
    findings.add(
        Finding.problem(SUBJECT, "executor %s: %s".formatted(facts.executor(), text), fix));
  }

  /** Four times the heap unless set. */
  private long process() {
    String set = facts.processLimit();
    return set.isEmpty() ? 4 * facts.heap() : JavaUtils.byteStringAsBytes(set);
  }

  /** As large as the heap unless set. */
  private long direct() {
    return facts.arguments().stream()
        .filter(argument -> argument.startsWith(MAX_DIRECT))
        .mapToLong(a -> JavaUtils.byteStringAsBytes(a.substring(MAX_DIRECT.length())))
        .reduce((first, last) -> last)
        .orElse(facts.heap());
  }

  /** A round figure above, as JVM options are written. */
  private static String setting(long bytes) {
    long step = 256L << 20;
    return ((((bytes / step) + 1) * step) >> 20) + "m";
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
  }
}
