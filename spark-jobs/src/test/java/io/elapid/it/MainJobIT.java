package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.chaos.Cluster;
import io.elapid.chaos.HadoopCluster;
import io.elapid.chaos.Launcher;
import io.elapid.chaos.Launcher.Result;
import io.elapid.chaos.Program;
import io.elapid.data.shard.Manifest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.awaitility.Awaitility;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job as an engineer runs it: a standalone Spark master with two workers, HDFS with a
 * NameNode and a DataNode, every one a process of its own, and commands submitted through the
 * launcher script.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MainJobIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern ADDRESS = Pattern.compile("started at (http://[\\w.:]+)");
  private static final String PROMETHEUS = "spark.metrics.conf.*.sink.prometheusServlet";
  private static final String JMX = "spark.metrics.conf.*.sink.jmx";
  private static final String SERVLET = "org.apache.spark.metrics.sink.PrometheusServlet";
  private static final String SOURCE = ".driver.elapid.";
  private static final int TRAIN = 256;
  private static final int VALIDATION = 60;

  @TempDir static Path folder;
  private static HadoopCluster hdfs;
  private static Cluster spark;
  private static Optional<SparkPages.Seen> seen = Optional.empty();

  @BeforeAll
  static void start() throws IOException {
    Launcher elapid = new ElapidRun(folder);
    hdfs = new HadoopCluster(folder.resolve("hdfs"), elapid.hadoop());
    spark = new Cluster(folder.resolve("spark"), elapid.spark(), 2);
  }

  @AfterAll
  static void stop() {
    if (spark != null) {
      spark.close();
    }
    if (hdfs != null) {
      hdfs.close();
    }
  }

  @Test
  @Order(1)
  void preparesFromHdfsToHdfs() throws IOException {
    Result generated =
        elapid()
            .run(
                LIMIT,
                "generate",
                path("raw"),
                "--train",
                "" + TRAIN,
                "--val",
                "" + VALIDATION,
                "--size",
                "64");
    assertThat(generated.exit()).as(generated.output()).isZero();

    Result prepared = elapid().run(LIMIT, "prepare", "imagenet", path("raw"), path("data"));

    assertThat(prepared.exit()).as(prepared.output()).isZero();
    Manifest manifest = Manifest.read(hadoop(), new org.apache.hadoop.fs.Path(path("data")));
    assertThat(manifest.rows("train")).isEqualTo(TRAIN);
    assertThat(manifest.rows("val")).isEqualTo(VALIDATION);
    assertThat(manifest.classes()).hasSize(10);
  }

  @Test
  @Order(2)
  void preparingAgainSaysThatThereIsNothingToDo() {
    Result again = elapid().run(LIMIT, "prepare", "imagenet", path("raw"), path("data"));

    assertThat(again.exit()).as(again.output()).isZero();
    assertThat(again.output()).contains("finished already");
  }

  @Test
  @Order(3)
  void trainsOnTwoExecutorsAndSavesToHdfs() throws Exception {
    int port = SparkPages.freePort();
    Launcher elapid =
        elapid()
            .submit("--conf", "spark.ui.enabled=true", "--conf", "spark.ui.port=" + port)
            .submit("--conf", "spark.eventLog.enabled=true")
            .submit("--conf", "spark.eventLog.dir=" + Files.createDirectories(events()).toUri())
            .submit("--conf", PROMETHEUS + ".class=" + SERVLET)
            .submit("--conf", PROMETHEUS + ".path=/metrics/prometheus")
            .submit("--conf", JMX + ".class=org.apache.spark.metrics.sink.JmxSink");
    Result trained;
    try (Program program = elapid.start(words("1", "--profile", "2"))) {
      seen = new SparkPages("http://127.0.0.1:" + port).watch(program, LIMIT);
      trained = new Result(program.await(LIMIT), program.output());
    }

    assertThat(trained.exit()).as(trained.output()).isZero();
    assertThat(trained.output()).contains("2 ranks").contains("validation top-1");
    assertThat(trained.output()).doesNotContain("No Training tab");
    assertThat(exists("run/trace.json")).isTrue();
    assertThat(exists("run/traces/rank-00000.json")).isTrue();
    assertThat(exists("run/traces/rank-00001.json")).isTrue();
    assertThat(exists("run/checkpoints/step-000000008/manifest.json")).isTrue();
    assertThat(exists("run/report.html")).isTrue();
  }

  @Test
  @Order(4)
  void sparksPagesShowedTheRunWhileItRan() throws IOException {
    assertThat(seen).as("the tab was served while training went on").isPresent();
    Document tab = seen.get().tab();
    JsonNode step = metrics("step", seen.get().step());
    assertThat(tab.select("a[href$=/training/]").text()).isEqualTo("Training");
    assertThat(tab.select(".tile:contains(loss) b").first().text())
        .isEqualTo(shown(step.path("loss").asDouble()));
    assertThat(points(tab, "loss", 0)).isEqualTo(step.path("step").asLong() / 2);
    assertThat(tab.select("#training-ranks tbody tr")).hasSize(2);
    assertThat(tab.select("#training-recipe pre").text()).contains("efficientvim_nano");

    JsonNode gauges = JSON.readTree(seen.get().metrics()).path("gauges");
    long at = Math.round(gauge(gauges, "step"));
    JsonNode then = metrics("step", at);
    assertThat(gauge(gauges, "loss")).isEqualTo(then.path("loss").asDouble());
    assertThat(gauge(gauges, "samples_per_second"))
        .isEqualTo(then.path("samples_per_second").asDouble());
    assertThat(gauge(gauges, "loader_wait_seconds"))
        .isEqualTo(then.path("data_seconds").asDouble());
    assertThat(gauge(gauges, "sync_share")).isBetween(0.0, 1.0);
    assertThat(seen.get().prometheus())
        .containsPattern("_driver_elapid_step_Value\\{type=\"gauges\"} [2468]\\.0")
        .contains("_driver_elapid_sync_share_Value")
        .contains("_driver_elapid_loader_wait_seconds_Value");

    Map<String, Object> beans = seen.get().beans();
    assertThat(beans).containsOnlyKeys(names(gauges));
    List<Double> losses = new ArrayList<>();
    for (long logged = 2; logged <= 8; logged += 2) {
      losses.add(metrics("step", logged).path("loss").asDouble());
    }
    assertThat(losses).contains((Double) beans.get("loss"));
  }

  /** Of Elapid's gauges. */
  private static List<String> names(JsonNode gauges) {
    List<String> names = new ArrayList<>();
    gauges
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (name.contains(SOURCE)) {
                names.add(name.substring(name.indexOf(SOURCE) + SOURCE.length()));
              }
            });
    return names;
  }

  @Test
  @Order(5)
  void theHistoryServerShowsTheSameAfterwards() throws Exception {
    Path jar = ElapidRun.HOME.resolve("spark-jobs/target/elapid-spark-0.1.0.jar");
    Path log = folder.resolve("history.log");
    Path home = new ElapidRun(folder).spark();
    try (Program server = SparkPages.historyServer(home, jar.toAbsolutePath(), events(), log)) {
      server.awaitOutput("started at http://", LIMIT);
      Matcher address = ADDRESS.matcher(server.output());
      assertThat(address.find()).isTrue();
      SparkPages pages = new SparkPages(address.group(1));
      String id = application();
      Document tab =
          Awaitility.await()
              .atMost(LIMIT)
              .until(() -> pages.text("/history/" + id + "/training/"), Optional::isPresent)
              .map(Jsoup::parse)
              .orElseThrow();

      assertThat(tab.select("#elapid-training").attr("data-state")).isEqualTo("finished");
      assertThat(tab.select("#elapid-training").attr("data-step")).isEqualTo("8");
      assertThat(tab.select(".tile:contains(loss) b").first().text())
          .isEqualTo(shown(metrics("step", 8).path("loss").asDouble()));
      assertThat(points(tab, "loss", 0)).isEqualTo(4);
      assertThat(tab.select(".tile:contains(best top-1) b").text())
          .isEqualTo(
              String.format(
                  Locale.ROOT, "%.1f %%", 100 * metrics("evaluation", 8).path("top1").asDouble()));
      assertThat(tab.select("#training-ranks tbody tr")).hasSize(2);
      double computing =
          Double.parseDouble(
              tab.select("tr[data-rank=0] span[title^=computing]").attr("data-seconds"));
      double logged = metrics("step", 8).path("compute_seconds").asDouble();
      assertThat(computing).isBetween(logged - 0.001, logged + 1);
      assertThat(tab.select("#training-recipe pre").text()).contains("efficientvim_nano");
      Screenshot.of(
          address.group(1) + "/history/" + id + "/training/", folder.resolve("history.png"));
    }
  }

  @Test
  @Order(6)
  void goesOnFromTheNewestCheckpoint() throws IOException {
    Result resumed = train("2");

    assertThat(resumed.exit()).as(resumed.output()).isZero();
    assertThat(resumed.output()).contains("going on from step 8");
    assertThat(exists("run/checkpoints/step-000000016/manifest.json")).isTrue();
  }

  @Test
  @Order(7)
  void evaluatesEverySampleOnce() {
    Result evaluated =
        elapid().run(LIMIT, "evaluate", "--weights", path("run"), "--data", path("data"));

    assertThat(evaluated.exit()).as(evaluated.output()).isZero();
    assertThat(evaluated.output())
        .contains("2 shares")
        .contains("over " + VALIDATION + " pictures");
  }

  @Test
  @Order(8)
  void predictsAFolderOfPictures() {
    Result predicted =
        elapid()
            .run(
                LIMIT,
                "predict",
                "--weights",
                path("run"),
                "--top",
                "3",
                path("raw/val/n90000100"));

    assertThat(predicted.exit()).as(predicted.output()).isZero();
    assertThat(predicted.output().lines().filter(line -> line.contains("/raw/val/n90000100/")))
        .hasSize(VALIDATION / 10)
        .allMatch(line -> line.split("%", -1).length == 4);
  }

  private static Result train(String epochs) {
    return elapid().run(LIMIT, words(epochs));
  }

  private static String[] words(String epochs, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
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
                "schedule.epochs=" + epochs,
                "-D",
                "batch.size=32",
                "-D",
                "ema.decay=0.9",
                "-D",
                "log.every-steps=2"));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  /** What the metrics log says of an event at a step of the first submission. */
  private static JsonNode metrics(String event, long step) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(path("run/metrics.jsonl"));
    try (FileSystem files = FileSystem.newInstance(path.toUri(), hadoop());
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(files.open(path), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode node = JSON.readTree(line);
        if (node.path("event").asText().equals(event) && node.path("step").asLong() == step) {
          return node;
        }
      }
    }
    throw new AssertionError("no %s of step %d in %s".formatted(event, step, path));
  }

  private static double gauge(JsonNode gauges, String name) {
    for (Iterator<Map.Entry<String, JsonNode>> each = gauges.fields(); each.hasNext(); ) {
      Map.Entry<String, JsonNode> gauge = each.next();
      if (gauge.getKey().endsWith(SOURCE + name)) {
        return gauge.getValue().path("value").asDouble();
      }
    }
    throw new AssertionError("no gauge " + name + " in " + gauges);
  }

  /** How many points a curve of a chart has. */
  private static long points(Document page, String chart, int curve) throws IOException {
    String data = page.select("#" + chart + " script").first().data();
    return JSON.readTree(data).path(curve).path("points").size();
  }

  /** A number as the page writes it. */
  private static String shown(double value) {
    return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }

  /** The one application that has written an event log. */
  private static String application() throws IOException {
    try (Stream<Path> logs = Files.list(events())) {
      return logs.map(log -> log.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .findFirst()
          .orElseThrow();
    }
  }

  private static Path events() {
    return folder.resolve("events");
  }

  private static Launcher elapid() {
    return new ElapidRun(folder)
        .submit(
            "--master",
            spark.url(),
            "--executor-memory",
            "700m",
            "--conf",
            "spark.executor.cores=1");
  }

  private static String path(String name) {
    return hdfs.uri() + "/elapid/" + name;
  }

  private static boolean exists(String name) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(path(name));
    try (FileSystem files = FileSystem.newInstance(path.toUri(), hadoop())) {
      return files.exists(path);
    }
  }

  private static Configuration hadoop() {
    return new Configuration();
  }
}
