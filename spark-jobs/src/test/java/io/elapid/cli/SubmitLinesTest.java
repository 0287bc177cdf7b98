package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.elapid.config.RecipeLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.ExecutorFailureTracker;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.apache.spark.network.util.ByteUnit;
import org.apache.spark.network.util.JavaUtils;
import org.apache.spark.util.Clock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.collection.JavaConverters;
import scala.collection.immutable.Map.Map1;

/**
 * The lines for spark-submit that settings show are understood by spark-submit's own parser, what
 * they hand to Elapid by Elapid's, and the memory that they ask for holds what is put into it. No
 * cluster is asked.
 */
final class SubmitLinesTest {
  private static final Path HOME = Path.of("..");
  private static final String SUBMIT = "spark-submit ";

  /** What spark-submit wants to see in the environment before it speaks of YARN. */
  private static final scala.collection.immutable.Map<String, String> SETTINGS =
      new Map1<>("HADOOP_CONF_DIR", "/etc/hadoop/conf");

  /** A line as it stands in a file. */
  record Line(Path file, List<String> words) {
    @Override
    public String toString() {
      return file.getFileName().toString();
    }
  }

  static List<Line> lines() throws IOException {
    List<Line> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(HOME.resolve("conf/spark"))) {
      for (Path file : files.sorted().toList()) {
        String text = Files.readString(file).replaceAll("\\\\\\R#?\\s*", " ");
        List<Line> here =
            text.lines()
                .map(line -> line.replaceFirst("^#\\s+", ""))
                .filter(line -> line.startsWith(SUBMIT))
                .map(line -> new Line(file, List.of(line.substring(SUBMIT.length()).split("\\s+"))))
                .toList();
        assertThat(here).as("spark-submit lines of " + file).isNotEmpty();
        all.addAll(here);
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("lines")
  void sparkAndElapidUnderstandThem(Line line) {
    SparkSubmitArguments parsed = parsed(line);

    assertThat(parsed.mainClass()).isEqualTo(Elapid.class.getName());
    assertThat(parsed.primaryResource()).endsWith("elapid-0.1.0-job.jar");
    assertThat(parsed.propertiesFile()).endsWith(line.file().getFileName().toString());
    String kind = line.file().getFileName().toString().replaceFirst("-.*", "");
    String scheme = Map.of("standalone", "spark:", "yarn", "yarn", "kubernetes", "k8s:").get(kind);
    assertThat(parsed.master()).startsWith(scheme);

    List<String> job = JavaConverters.seqAsJavaList(parsed.childArgs());
    assertThatCode(() -> Elapid.commandLine().parseArgs(job.toArray(String[]::new)))
        .doesNotThrowAnyException();
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < job.size() - 1; i++) {
      if (job.get(i).equals("-D")) {
        keys.add(job.get(i + 1));
      }
    }
    RecipeLoader.load(job.get(job.indexOf("--recipe") + 1), keys);
    assertThat(keys).contains("cluster.threads-per-rank=" + property(parsed, "spark.task.cpus"));
    boolean gpus = line.file().toString().contains("-gpu");
    assertThat(keys.contains("cluster.gpus-per-rank=1")).isEqualTo(gpus);
    assertThat(parsed.sparkProperties().contains("spark.executor.resource.gpu.amount"))
        .isEqualTo(gpus);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void everyProcessGetsWhatKernelsNeedAndFitsItsContainer(Line line) {
    SparkSubmitArguments parsed = parsed(line);

    for (String process : List.of("driver", "executor")) {
      assertThat(property(parsed, "spark." + process + ".defaultJavaOptions"))
          .contains("jdk.incubator.vector", "jdk.incubator.foreign", "--enable-native-access");
    }
    String flags = property(parsed, "spark.executor.extraJavaOptions");
    long heap = mebibytes(property(parsed, "spark.executor.memory"));
    long whole = mebibytes(flag(flags, "maxphysicalbytes"));
    assertThat(whole).isGreaterThan(heap);
    if (parsed.sparkProperties().contains("spark.executor.memoryOverhead")) {
      long overhead = mebibytes(property(parsed, "spark.executor.memoryOverhead"));
      assertThat(whole).isLessThan(heap + overhead);
    }
  }

  /** Standalone masters do not count them. */
  @ParameterizedTest
  @MethodSource("lines")
  void executorsThatAreLostNowAndThenDoNotEndALongRun(Line line) {
    assumeFalse(line.file().getFileName().toString().startsWith("standalone"));
    SparkConf conf = new SparkConf(false);
    JavaConverters.mapAsJavaMap(parsed(line).sparkProperties()).forEach(conf::set);
    Days days = new Days();
    ExecutorFailureTracker lost = new ExecutorFailureTracker(conf, days);
    for (int day = 0; day < 100; day++) {
      days.millis += Duration.ofDays(1).toMillis();
      lost.registerExecutorFailure();
    }

    assertThat(lost.numFailedExecutors())
        .isLessThanOrEqualTo(ExecutorFailureTracker.maxNumExecutorFailures(conf));
  }

  /** A clock that moves when told. */
  private static final class Days implements Clock {
    private long millis;

    @Override
    public long getTimeMillis() {
      return millis;
    }

    @Override
    public long nanoTime() {
      return Duration.ofMillis(millis).toNanos();
    }

    @Override
    public long waitTillTime(long targetTime) {
      return millis;
    }
  }

  /** As spark-submit reads the line in the project's folder. */
  private static SparkSubmitArguments parsed(Line line) {
    List<String> words =
        line.words().stream()
            .map(word -> word.startsWith("conf/") ? HOME.resolve(word).toString() : word)
            .toList();
    return new SparkSubmitArguments(JavaConverters.asScalaBuffer(words).toSeq(), SETTINGS);
  }

  private static String property(SparkSubmitArguments parsed, String key) {
    assertThat(parsed.sparkProperties().contains(key)).as(key).isTrue();
    return parsed.sparkProperties().apply(key);
  }

  private static String flag(String flags, String name) {
    return flags.replaceFirst(".*-Dorg\\.bytedeco\\.javacpp\\." + name + "=(\\S+).*", "$1");
  }

  private static long mebibytes(String size) {
    return JavaUtils.byteStringAs(size.toLowerCase(Locale.ROOT), ByteUnit.MiB);
  }
}
