package io.elapid.job;

import io.elapid.config.ClusterSpec;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.config.SyncSpec;
import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.worker.BarrierStage;
import io.elapid.worker.Deadline;
import io.elapid.worker.MachineProbe;
import io.elapid.worker.MemoryNeed;
import io.elapid.worker.PictureSizes;
import io.elapid.worker.RankResources;
import io.elapid.worker.Slots;
import io.elapid.worker.StartingWeights;
import io.elapid.worker.TeacherWeights;
import io.elapid.worker.TrainingSetup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Looks for what would stop a run, or slow it down, before it has cost anything: settings, the
 * executors from inside, data set and output folder.
 */
public final class DoctorJob {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration SKEW = Duration.ofSeconds(5);
  private static final int JAVA = 17;

  private final JavaSparkContext spark;
  private final Optional<Recipe> recipe;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param recipe of the run that is meant; without one, what any run needs is looked at
   */
  public DoctorJob(Session session, Optional<Recipe> recipe) {
    this.spark = session.spark();
    this.recipe = recipe.map(r -> AbsolutePaths.of(r, spark.hadoopConfiguration()));
  }

  /** Looks at everything, whatever is found on the way. */
  public List<Finding> run() {
    findings.addAll(SettingsCheck.of(spark.getConf(), recipe));
    Optional<Manifest> manifest = dataset();
    manifest.ifPresent(this::network);
    manifest.ifPresent(this::weights);
    output();
    try {
      List<MachineProbe.Facts> executors = executors();
      executors.forEach(this::executor);
      if (transport() == SyncSpec.SumTransport.NCCL) {
        findings.add(SumsCheck.of(executors));
      }
      memory(executors, manifest);
    } catch (Exception e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown cause");
      findings.add(
          e instanceof InputException input
              ? Finding.problem("executors", reason, input.remedy())
              : Finding.problem("executors", reason, "look at the executors' logs"));
    }
    return List.copyOf(findings);
  }

  private Optional<Manifest> dataset() {
    Optional<String> path = recipe.flatMap(r -> r.data().path());
    if (path.isEmpty()) {
      return Optional.empty();
    }
    Recipe settings = recipe.orElseThrow();
    try {
      Configuration hadoop = spark.hadoopConfiguration();
      Manifest manifest =
          Deadline.call(
              PATIENCE,
              "reading the data set " + path.get(),
              "the doctor's patience",
              () -> Manifest.read(hadoop, new Path(path.get())));
      long train = manifest.rows(settings.data().trainSplit());
      long validation = manifest.rows(settings.data().validationSplit());
      findings.add(
          train < settings.batch().size()
              ? Finding.problem(
                  "data set",
                  "%,d pictures are less than one batch of %d"
                      .formatted(train, settings.batch().size()),
                  "-D batch.size=" + train)
              : Finding.ok(
                  "data set",
                  "%,d pictures of %d classes to train on, %,d to evaluate"
                      .formatted(train, manifest.classes().size(), validation)));
      return Optional.of(manifest);
    } catch (Exception e) {
      findings.add(failed("data set", e, "name a finished data set: --data PATH"));
      return Optional.empty();
    }
  }

  /** Whether network and recipe suit each other and the data set. */
  private void network(Manifest manifest) {
    Recipe settings = recipe.orElseThrow();
    int classes = manifest.classes().size();
    boolean fits =
        holds(
            "network",
            "reading the sizes of all pictures",
            "correct the recipe",
            () -> {
              TrainingSetup.check(settings, manifest);
              PictureSizes.check(spark.hadoopConfiguration(), settings, classes);
              return true;
            });
    if (fits) {
      findings.add(Finding.ok("network", settings.model().name() + " suits recipe and data set"));
    }
  }

  /** What training is to start from, and what is to teach. */
  private void weights(Manifest manifest) {
    Recipe settings = recipe.orElseThrow();
    Configuration hadoop = spark.hadoopConfiguration();
    int classes = manifest.classes().size();
    boolean fit =
        holds(
            "weights",
            "reading the weights that the recipe names",
            "name other weights: -D model.weights=PATH",
            () -> {
              StartingWeights.check(hadoop, settings, classes);
              TeacherWeights.check(hadoop, settings, classes);
              return true;
            });
    if (fit) {
      settings
          .model()
          .weights()
          .ifPresent(path -> findings.add(Finding.ok("weights", "training starts from " + path)));
    }
  }

  private boolean holds(String subject, String what, String fix, Callable<Boolean> check) {
    try {
      return Deadline.call(PATIENCE, what, "the doctor's patience", check);
    } catch (Exception e) {
      findings.add(failed(subject, e, fix));
      return false;
    }
  }

  private static Finding failed(String subject, Exception e, String fix) {
    return Finding.problem(
        subject,
        String.valueOf(e.getMessage()),
        e instanceof InputException input ? input.remedy() : fix);
  }

  private void output() {
    Optional<String> output = recipe.flatMap(Recipe::output);
    if (output.isEmpty()) {
      return;
    }
    try {
      Configuration hadoop = spark.hadoopConfiguration();
      RunFolder folder =
          Deadline.call(
              PATIENCE,
              "opening " + output.get(),
              "the doctor's patience",
              () -> RunFolder.open(hadoop, new Path(output.get())));
      findings.add(
          Deadline.call(
              PATIENCE,
              "reading the newest checkpoint",
              "the doctor's patience",
              () ->
                  folder
                      .newest()
                      .map(c -> "a run to go on with from step %,d".formatted(c.meta().step()))
                      .or(() -> Optional.of("no checkpoint yet: training starts at step 0"))
                      .map(text -> Finding.ok("output folder", text))
                      .orElseThrow()));
    } catch (Exception e) {
      findings.add(failed("output folder", e, "name another folder: --output PATH"));
    }
  }

  private List<MachineProbe.Facts> executors() throws Exception {
    int slots = Slots.settled(spark.sc());
    ClusterSpec cluster =
        recipe.orElseGet(() -> RecipeLoader.parse("base.conf", "", List.of())).cluster();
    int wanted = cluster.ranks();
    int fewest = cluster.fewestRanks();
    if (slots < fewest) {
      findings.add(
          Finding.problem(
              "task slots",
              "%d ranks need as many slots, the cluster offers %d".formatted(fewest, slots),
              "more executors or cores, or -D cluster.ranks=" + Math.max(1, slots)));
    } else {
      findings.add(Finding.ok("task slots", "%d, for %d ranks".formatted(slots, wanted)));
    }
    ResourceProfile profile = RankResources.profile(spark.sc(), cluster);
    MachineProbe probe =
        new MachineProbe(
            new SerializableConfiguration(spark.hadoopConfiguration()),
            recipe.flatMap(r -> r.data().path()).orElse(""),
            recipe.flatMap(Recipe::output).orElse(""),
            cluster.gpusPerRank(),
            transport(),
            cluster.encryption());
    long before = System.currentTimeMillis();
    List<MachineProbe.Facts> facts =
        Deadline.call(
                PATIENCE,
                "asking the executors",
                "the doctor's patience",
                () -> BarrierStage.run(spark, Math.min(slots, Math.max(1, wanted)), profile, probe))
            .stream()
            .map(MachineProbe.Facts::parse)
            .toList();
    clocks(facts, before, System.currentTimeMillis());
    return facts;
  }

  private SyncSpec.SumTransport transport() {
    return recipe.map(r -> r.sync().transport()).orElse(SyncSpec.SumTransport.SOCKETS);
  }

  private void clocks(List<MachineProbe.Facts> facts, long before, long after) {
    for (MachineProbe.Facts one : facts) {
      long skew = Math.max(before - one.clockMillis(), one.clockMillis() - after);
      if (skew > SKEW.toMillis()) {
        findings.add(
            Finding.advice(
                "clocks",
                "that of %s is off by %d s or more: times in logs do not compare"
                    .formatted(one.host(), skew / 1000),
                "run an NTP service on every machine"));
        return;
      }
    }
    findings.add(Finding.ok("clocks", "within %d s".formatted(SKEW.toSeconds())));
  }

  private void executor(MachineProbe.Facts facts) {
    String subject = "executor " + facts.executor();
    int before = findings.size();
    if (facts.javaFeature() != JAVA) {
      problem(
          subject,
          "runs Java %d".formatted(facts.javaFeature()),
          "install a JDK 17 there and set spark.executorEnv.JAVA_HOME");
    }
    if (!facts.vector()) {
      problem(
          subject,
          "has no Vector API: kernels would be many times slower",
          "add --add-modules=jdk.incubator.vector to spark.executor.defaultJavaOptions");
    }
    if (!facts.computes()) {
      problem(
          subject,
          "cannot compute: " + facts.kernels(),
          facts.remedy().isEmpty()
              ? "check the architecture and the free space for unpacked libraries (org.bytedeco.javacpp.cachedir)"
              : facts.remedy());
    }
    if (!facts.data().isEmpty()) {
      problem(
          subject,
          "cannot read the data set: " + facts.data(),
          "use a path that every machine can read, such as hdfs:");
    }
    if (!facts.writing().isEmpty()) {
      problem(
          subject,
          "cannot write the output folder: " + facts.writing(),
          "use a path that every machine can write, such as hdfs:, and look at its permissions and quota");
    }
    if (findings.size() == before) {
      findings.add(
          Finding.ok(
              subject,
              "%s: Java %d, %s kernels, %d processors%s"
                  .formatted(
                      facts.host(),
                      facts.javaFeature(),
                      facts.kernels(),
                      facts.processors(),
                      facts.gpus().isEmpty() ? "" : ", GPU " + String.join(",", facts.gpus()))));
    }
  }

  private void problem(String subject, String text, String fix) {
    findings.add(Finding.problem(subject, text, fix));
  }

  private void memory(List<MachineProbe.Facts> executors, Optional<Manifest> manifest) {
    if (recipe.isEmpty() || executors.isEmpty()) {
      return;
    }
    MemoryNeed need =
        MemoryNeed.of(recipe.get(), manifest.map(m -> m.classes().size()).orElse(1000));
    executors.stream()
        .collect(Collectors.groupingBy(MachineProbe.Facts::executor))
        .values()
        .forEach(
            ranks ->
                findings.addAll(MemoryCheck.of(spark.getConf(), ranks.get(0), need, ranks.size())));
  }
}
