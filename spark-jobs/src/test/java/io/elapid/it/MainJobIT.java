package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.Cluster;
import io.elapid.chaos.HadoopCluster;
import io.elapid.chaos.Launcher;
import io.elapid.chaos.Launcher.Result;
import io.elapid.data.shard.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
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
  private static final int TRAIN = 256;
  private static final int VALIDATION = 60;

  @TempDir static Path folder;
  private static HadoopCluster hdfs;
  private static Cluster spark;

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
  void trainsOnTwoExecutorsAndSavesToHdfs() throws IOException {
    Result trained = train("1", "--profile", "2");

    assertThat(trained.exit()).as(trained.output()).isZero();
    assertThat(trained.output()).contains("2 ranks").contains("validation top-1");
    assertThat(exists("run/trace.json")).isTrue();
    assertThat(exists("run/traces/rank-00000.json")).isTrue();
    assertThat(exists("run/traces/rank-00001.json")).isTrue();
    assertThat(exists("run/checkpoints/step-000000008/manifest.json")).isTrue();
    assertThat(exists("run/report.html")).isTrue();
  }

  @Test
  @Order(4)
  void goesOnFromTheNewestCheckpoint() throws IOException {
    Result resumed = train("2");

    assertThat(resumed.exit()).as(resumed.output()).isZero();
    assertThat(resumed.output()).contains("going on from step 8");
    assertThat(exists("run/checkpoints/step-000000016/manifest.json")).isTrue();
  }

  @Test
  @Order(5)
  void evaluatesEverySampleOnce() {
    Result evaluated =
        elapid().run(LIMIT, "evaluate", "--weights", path("run"), "--data", path("data"));

    assertThat(evaluated.exit()).as(evaluated.output()).isZero();
    assertThat(evaluated.output())
        .contains("2 shares")
        .contains("over " + VALIDATION + " pictures");
  }

  @Test
  @Order(6)
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

  private static Result train(String epochs, String... more) {
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
                "ema.decay=0.9"));
    words.addAll(List.of(more));
    return elapid().run(LIMIT, words.toArray(String[]::new));
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
