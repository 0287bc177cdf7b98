package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.chaos.Launcher.Result;
import io.elapid.chaos.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is handed out, as somebody uses it who has it, a JDK and a Spark: the unpacked tarball, and
 * the job jar through spark-submit on two executor JVMs. Needs {@code -Pdist}, which makes them.
 */
@Tag("dist")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DistIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(20);
  private static final Path TARGET = ElapidRun.HOME.resolve("spark-jobs/target").toAbsolutePath();
  private static final String NAME = System.getProperty("elapid.dist.name");
  private static final String VERSION = System.getProperty("elapid.version");
  private static final boolean FOR_GPUS = System.getProperty("elapid.dist.kernels").equals("cuda");
  private static final Path JOB_JAR = TARGET.resolve(NAME + "-job.jar");

  @TempDir static Path folder;
  private static Path home;
  private static int logs;

  @BeforeAll
  static void unpack() {
    Result unpacked =
        run(
            Map.of(),
            "tar",
            "xzf",
            TARGET.resolve(NAME + "-dist.tar.gz").toString(),
            "-C",
            folder.toString());
    assertThat(unpacked.exit()).as(unpacked.output()).isZero();
    home = folder.resolve("elapid-" + VERSION);
  }

  @Test
  @Order(1)
  void theTarballHoldsWhatItNeedsAndNoBuild() {
    assertThat(home.resolve("mvnw")).doesNotExist();
    assertThat(home.resolve("LICENSE")).content().contains("Apache License");
    assertThat(home.resolve("conf/spark/yarn-cpu.conf")).exists();
    assertThat(home.resolve("elapid-spark-" + VERSION + ".jar")).exists();

    Result models = elapid("models");

    assertThat(models.exit()).as(models.output()).isZero();
    assertThat(models.output()).contains("tinyvim_s", "efficientvmamba_b");
  }

  @Test
  @Order(2)
  void withoutSparkItSaysWhatToSet() {
    Map<String, String> env = new HashMap<>(Map.of("SPARK_HOME", ""));
    env.put("PATH", Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin");
    Result models = run(env, home.resolve("elapid").toString(), "models");

    assertThat(models.exit()).isEqualTo(2);
    assertThat(models.output().strip().lines())
        .hasSize(1)
        .first()
        .asString()
        .contains("SPARK_HOME");
  }

  @Test
  @Order(3)
  void noticesAndBillOfMaterialsNameEveryLibrary() throws Exception {
    String notices = Files.readString(home.resolve("THIRD-PARTY.txt"));
    JsonNode bill = new JsonMapper().readTree(home.resolve("sbom.json").toFile());
    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    Set<String> hashes = new HashSet<>();
    for (JsonNode component : bill.path("components")) {
      component.path("hashes").forEach(hash -> hashes.add(hash.path("content").asText()));
    }
    List<Path> libraries;
    try (Stream<Path> files = Files.list(home.resolve("lib"))) {
      libraries = files.sorted().toList();
    }
    assertThat(libraries).hasSizeGreaterThan(20);
    for (Path library : libraries) {
      String jar = library.getFileName().toString();
      assertThat(jar).doesNotStartWith("spark-").doesNotStartWith("hadoop-");
      // what Maven skips when offline would be of an older build
      assertThat(hashes).as("SHA-256 of " + jar).contains(sha256(library));
    }
    for (String library : NoticesIT.libraries(home.resolve("lib"))) {
      assertThat(notices).contains(":" + library + ":");
    }
  }

  private static String sha256(Path file) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  @Order(4)
  void theJobJarHoldsOnePlatformAndNothingOfSpark() throws IOException {
    try (JarFile jar = new JarFile(JOB_JAR.toFile())) {
      List<String> names = jar.stream().map(JarEntry::getName).toList();
      assertThat(names)
          .doesNotHaveDuplicates()
          .contains("META-INF/LICENSE", "META-INF/THIRD-PARTY.txt", "conf/base.conf")
          .noneMatch(name -> name.startsWith("org/apache/spark/"))
          .noneMatch(name -> name.startsWith("org/apache/hadoop/"))
          .noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA|EC)"))
          .noneMatch(name -> name.endsWith("module-info.class"));
      assertThat(
              names.stream().filter(name -> name.matches(".*\\.(so(\\.\\d+)*|dll|dylib|jnilib|a)")))
          .isNotEmpty()
          .allMatch(name -> name.contains("linux-x86_64") || name.contains("linux-x86-64"));
      String backends =
          new String(
              jar.getInputStream(
                      jar.getEntry("META-INF/services/org.nd4j.linalg.factory.Nd4jBackend"))
                  .readAllBytes(),
              StandardCharsets.UTF_8);
      assertThat(backends).contains("io.elapid.backend.cpu.", "org.nd4j.linalg.cpu.");
    }
  }

  @Test
  @Order(5)
  void theJobJarAloneTrainsThroughSparkSubmit() {
    Result generated =
        elapid("generate", path("raw"), "--train", "64", "--val", "20", "--size", "64");
    assertThat(generated.exit()).as(generated.output()).isZero();
    Result prepared = submit("prepare", "imagenet", path("raw"), path("data"));
    assertThat(prepared.exit()).as(prepared.output()).isZero();

    Result trained =
        submit(
            "train",
            "--recipe",
            "quickstart",
            "--data",
            path("data"),
            "--output",
            path("run"),
            "-D",
            "model.name=efficientvim_nano",
            "-D",
            "schedule.type=constant",
            "-D",
            "schedule.warmup-epochs=0",
            "-D",
            "schedule.epochs=1",
            "-D",
            "batch.size=32",
            "-D",
            "cluster.gpus-per-rank=0");

    assertThat(trained.exit()).as(trained.output()).isZero();
    assertThat(trained.output()).contains("2 ranks").contains("validation top-1");
    assertThat(folder.resolve("run/report.html")).exists();
  }

  @Test
  @Order(6)
  void theUnpackedLauncherUsesWhatTheJobHasTrained() {
    Result predicted = predict(Map.of("ELAPID_KERNELS", "cpu"));

    assertThat(predicted.exit()).as(predicted.output()).isZero();
    assertThat(predicted.output()).contains("/raw/val/n90000100/").contains("%");
  }

  @Test
  @Order(7)
  void madeForGpusItComputesNothingWithoutOne() {
    Assumptions.assumeTrue(FOR_GPUS, "this one is made for CPUs");
    Result predicted = predict(Map.of("JAVA_TOOL_OPTIONS", "-Delapid.cuda.driver=libnone.so.1"));

    assertThat(predicted.exit()).as(predicted.output()).isEqualTo(2);
    assertThat(predicted.output())
        .contains("elapid: this distribution computes on a GPU (cuda), and none can be used here")
        .contains("   fix: install the GPU's driver")
        .doesNotContain("%");

    Result trained =
        submit("train", "--recipe", "quickstart", "--data", path("data"), "--output", path("none"));
    assertThat(trained.exit()).as(trained.output()).isEqualTo(2);
    assertThat(trained.output()).contains("cluster.gpus-per-rank is 1, but the executors have no");
  }

  /** Needs the network: Maven makes no bill of materials without. */
  @Test
  @Order(8)
  void aSecondBuildMakesTheSameFiles() throws IOException {
    SecondTree second = new SecondTree(folder.resolve("another/tree"));
    second.copyModules("src/main", "src/test/java");
    for (String part : List.of(".mvn", "conf", "elapid", "LICENSE", "README.md")) {
      second.copy(Path.of(part));
    }
    try (Stream<Path> notes = Files.list(ElapidRun.HOME.resolve("notebooks"))) {
      for (Path note : notes.filter(file -> file.toString().endsWith(".zpln")).toList()) {
        second.copy(ElapidRun.HOME.relativize(note));
      }
    }
    String flavour = NAME.substring(("elapid-" + VERSION).length()).replace('-', ',');

    second.build(BUILD_LIMIT, "-Pdist" + flavour, "-DskipTests", "package");

    for (String made :
        List.of(
            NAME + "-sbom.json",
            "notices/THIRD-PARTY.txt",
            NAME + "-job.jar",
            NAME + "-dist.tar.gz")) {
      Path file = Path.of("spark-jobs/target", made);
      ReproducibleIT.assertSame(ElapidRun.HOME.resolve(file), second.resolve(file));
    }
  }

  private static Result predict(Map<String, String> env) {
    return elapid(env, "predict", "--weights", path("run"), path("raw/val/n90000100"));
  }

  /** The launcher of the tarball, with the Spark of Maven's jars. */
  private static Result elapid(String... words) {
    return elapid(Map.of(), words);
  }

  private static Result elapid(Map<String, String> more, String... words) {
    List<String> command = new ArrayList<>(List.of(home.resolve("elapid").toString()));
    command.addAll(List.of(words));
    Map<String, String> env = new HashMap<>(more);
    env.put("SPARK_HOME", TARGET.resolve("spark").toString());
    return run(env, command);
  }

  /** Spark's own main class with the job jar, as the settings for clusters write it. */
  private static Result submit(String... words) {
    String modules =
        "--add-modules=jdk.incubator.vector,jdk.incubator.foreign"
            + " --enable-native-access=ALL-UNNAMED"
            + " -Dorg.bytedeco.javacpp.maxphysicalbytes=2800m";
    List<String> command =
        new ArrayList<>(
            List.of(
                TARGET.resolve("spark/bin/spark-submit").toString(),
                "--master",
                "local-cluster[2,1,1024]",
                "--driver-memory",
                "700m",
                "--conf",
                "spark.executor.memory=700m",
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.ui.enabled=false",
                "--conf",
                "spark.driver.defaultJavaOptions=" + modules,
                "--conf",
                "spark.executor.defaultJavaOptions=" + modules,
                "--class",
                "io.elapid.cli.Elapid",
                JOB_JAR.toString()));
    command.addAll(List.of(words));
    return run(
        Map.of("SPARK_HOME", TARGET.resolve("spark").toString(), "SPARK_LOCAL_IP", "127.0.0.1"),
        command);
  }

  private static Result run(Map<String, String> env, String... command) {
    return run(env, List.of(command));
  }

  private static Result run(Map<String, String> env, List<String> command) {
    Path log = folder.resolve("logs").resolve("command-%02d.log".formatted(logs++));
    try (Program program = Program.start(log, env, command)) {
      int exit = program.await(LIMIT);
      return new Result(exit, program.output());
    }
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }
}
