package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prepares the small data sets that the module for data keeps for its own tests. */
final class PrepareJobTest {
  private static final Path SAMPLES = Path.of("../data-prep/src/test/resources").toAbsolutePath();
  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  /** What a run waits for that finds the claim of another one; several times that one's pulse. */
  private static final Duration SILENCE = Duration.ofSeconds(2);

  private static SparkSession spark;

  @TempDir Path temp;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void cocoIsATableOfPicturesWithNestedAnnotations() throws IOException {
    Manifest manifest = prepare("coco", temp.resolve("coco"), 20_000, 2);
    assertThat(manifest.rows("train")).isEqualTo(40);
    assertThat(manifest.shards("train")).hasSizeGreaterThan(3);
    assertThat(manifest.remarks()).isEqualTo(2);

    table("coco/train").createOrReplaceTempView("coco");
    List<Row> perCategory =
        spark
            .sql(
                "select a.category_id, count(*) from coco lateral view explode(annotations) as a"
                    + " where not a.iscrowd group by 1 order by 1")
            .collectAsList();
    assertThat(perCategory).extracting(row -> row.getInt(0)).containsExactly(1, 3, 18, 44, 90);
    assertThat(perCategory.stream().mapToLong(row -> row.getLong(1)).sum()).isEqualTo(106);
    assertThat(
            spark
                .sql(
                    "select count(*) from coco lateral view explode(annotations) as a"
                        + " where a.rle is not null and size(a.rle.counts) > 0 and a.polygons is null")
                .first()
                .getLong(0))
        .isEqualTo(2);
    assertThat(table("coco/remarks").count()).isEqualTo(2);
  }

  @Test
  void ade20kIsATableOfPicturesAndLabels() throws IOException {
    prepare("ade20k", temp.resolve("ade20k"), 50_000, 2);
    table("ade20k/val").createOrReplaceTempView("ade20k");
    List<Row> rows =
        spark
            .sql("select id, scene, length(label_map), width, height from ade20k order by id")
            .collectAsList();
    assertThat(rows).hasSize(10);
    assertThat(rows.get(0).getString(0)).isEqualTo("val/ADE_val_00000001");
    assertThat(rows.get(0).getInt(2)).isPositive();
  }

  @Test
  void theOutputDependsNeitherOnTasksNorOnLayout() throws IOException {
    prepare("imagenet/raw", temp.resolve("a"), 50_000, 1);
    prepare("imagenet/raw", temp.resolve("b"), 50_000, 9);
    assertThat(contents(temp.resolve("b"))).isEqualTo(contents(temp.resolve("a")));
    prepare("coco", temp.resolve("c"), 20_000, 1);
    prepare("coco", temp.resolve("d"), 20_000, 9);
    assertThat(contents(temp.resolve("d"))).isEqualTo(contents(temp.resolve("c")));
  }

  @Test
  void everyShardIsARandomSample() throws IOException {
    Manifest manifest = prepare("imagenet/folders", temp.resolve("i"), 200_000, 2);
    assertThat(manifest.shards("train")).hasSize(2);
    Dataset<Row> first =
        spark
            .read()
            .parquet(temp.resolve("i").resolve(manifest.shards("train").get(0).file()).toString());
    assertThat(first.select("label").distinct().count()).isEqualTo(6);
  }

  @Test
  void goesOnWithTheShardsThatAnEarlierRunFinished() throws IOException {
    Path out = temp.resolve("out");
    Map<String, String> whole = interrupted(out);
    Path kept = shard(out, 1);
    FileTime longAgo = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(kept, longAgo);

    prepare("coco", out, 20_000, 2);

    assertThat(Files.getLastModifiedTime(kept)).isEqualTo(longAgo);
    assertThat(contents(out)).isEqualTo(whole);
  }

  @Test
  void throwsAwayWhatOtherSettingsOrAnotherListingWrote() throws IOException {
    Path out = temp.resolve("out");
    interrupted(out);
    prepare("coco", out, 30_000, 2);
    Path undisturbed = temp.resolve("undisturbed");
    prepare("coco", undisturbed, 30_000, 2);
    assertThat(contents(out)).isEqualTo(contents(undisturbed));
  }

  @Test
  void verifyNamesTheFileThatIsWrong() throws IOException {
    Path out = temp.resolve("verified");
    prepare("coco", out, 50_000, 2);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    new VerifyJob(context, NOWHERE).run(hadoop(out));

    Path stray = out.resolve("val/part-x.parquet");
    Files.copy(shard(out, 0), stray);
    assertThatThrownBy(() -> new VerifyJob(context, NOWHERE).run(hadoop(out)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("1 problems, the first: val/part-x.parquet: is not in the manifest");
    Files.delete(stray);
    Files.delete(shard(out, 1));
    assertThatThrownBy(() -> new VerifyJob(context, NOWHERE).run(hadoop(out)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("train/part-00001")
        .hasMessageContaining("is missing");
  }

  @Test
  void shardsThatNothingCameToAreNoFiles() throws IOException {
    Path out = temp.resolve("sparse");
    Manifest manifest = prepare("coco", out, 2_000, 2);
    long names = manifest.shards("train").size();
    String last = manifest.shards("train").get((int) names - 1).file();
    assertThat(Integer.parseInt(last.replaceAll(".*-of-0*(\\d+)\\.parquet", "$1")))
        .as("more shards than pictures came to")
        .isGreaterThan((int) names);
    new VerifyJob(JavaSparkContext.fromSparkContext(spark.sparkContext()), NOWHERE)
        .run(hadoop(out));
  }

  /** With other settings the one would throw away the shards of the other, or mix with them. */
  @Test
  void refusesAFolderThatAnotherRunIsWriting() throws Exception {
    Path out = temp.resolve("busy");
    interrupted(out);
    Map<String, String> before = withoutLease(out);
    try (Tenancy other = holding(out)) {
      assertThatThrownBy(() -> prepare("coco", out, 30_000, 2))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(out + " is being written by application other");
      assertThat(withoutLease(out)).isEqualTo(before);
      assertThat(other.lost()).isEmpty();
    }
    prepare("coco", out, 20_000, 2);
    assertThat(contents(out)).isEqualTo(contents(temp.resolve("whole")));
  }

  /** As a driver that was put to sleep and found dead, and goes on when it wakes. */
  @Test
  void writesNothingAnyMoreOnceAnotherRunHasTakenTheFolder() throws Exception {
    Path folder = temp.resolve("taken");
    PrintStream taker =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8) {
          @Override
          public PrintStream printf(String format, Object... arguments) {
            // Said before the first shard is written.
            if (format.contains("shards%n")) {
              takeOver(folder);
            }
            return this;
          }
        };
    assertThatThrownBy(() -> prepare("coco", folder, 20_000, 2, taker))
        .hasStackTraceContaining("was taken over by application thief");
    assertThat(contents(folder).keySet())
        .noneMatch(name -> name.endsWith(".parquet") || name.startsWith("manifest"));
  }

  /** Another run's hold on the folder, renewed more often than this one looks for. */
  private static Tenancy holding(Path out) throws IOException, InterruptedException {
    return Tenancy.claim(
        new Configuration(),
        hadoop(out.resolve("_lease")),
        "other",
        Duration.ofMillis(800),
        line -> {});
  }

  private static Map<String, String> withoutLease(Path out) throws IOException {
    Map<String, String> contents = contents(out);
    contents.keySet().removeIf(name -> name.startsWith("_lease/"));
    return contents;
  }

  private static void takeOver(Path out) {
    try {
      Files.writeString(
          out.resolve("_lease/epoch-000000099.json"),
          """
          {"id": "1", "application": "thief", "host": "h", "machine": "", "pid": 1,
           "started": "", "since": "now"}
          """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void leavesAFolderAloneThatIsSomebodyElses() throws IOException {
    Path out = temp.resolve("theirs");
    Files.createDirectories(out);
    Files.writeString(out.resolve("thesis.tex"), "years of work");
    assertThatThrownBy(() -> prepare("coco", out, 20_000, 2))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not empty");
    assertThat(out.resolve("thesis.tex")).hasContent("years of work");
  }

  /**
   * Leaves what a killed run leaves: the claim, shards with and without receipt, half a file.
   *
   * @return the contents of the undisturbed output
   */
  private Map<String, String> interrupted(Path left) throws IOException {
    Path whole = temp.resolve("whole");
    PrintStream spy =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8) {
          @Override
          public PrintStream printf(String format, Object... arguments) {
            // Said when every shard is written and the manifest is not.
            if (format.contains("oddities")) {
              copyAll(whole, left);
            }
            return this;
          }
        };
    prepare("coco", whole, 20_000, 2, spy);
    Path lost = shard(left, 3);
    Files.delete(left.resolve("_finished/train/" + lost.getFileName() + ".json"));
    Files.delete(lost);
    Path cut = shard(left, 4);
    Files.writeString(cut, "cut");
    Path unknown = shard(left, 5);
    Files.delete(left.resolve("_finished/train/" + unknown.getFileName() + ".json"));
    Files.writeString(left.resolve("train/_part.x.tmp"), "half");
    Files.writeString(left.resolve("train/._part.x.tmp.crc"), "half");
    return contents(whole);
  }

  private static Path shard(Path root, int number) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("train"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("part-"))
          .sorted()
          .toList()
          .get(number);
    }
  }

  private static void copyAll(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Manifest prepare(String sample, Path out, long shardBytes, int tasks) throws IOException {
    return prepare(sample, out, shardBytes, tasks, NOWHERE);
  }

  private Manifest prepare(
      String sample, Path out, long shardBytes, int tasks, PrintStream messages)
      throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return new PrepareJob(context, options(sample, out, shardBytes, tasks), messages)
        .run(() -> source(sample));
  }

  private static PrepareOptions options(String sample, Path out, long shardBytes, int tasks) {
    return new PrepareOptions(
        hadoop(SAMPLES.resolve(sample)),
        hadoop(out),
        shardBytes,
        new ShardSettings(8_000, 16, ShardSettings.Check.STRUCTURE),
        0.03,
        1,
        tasks,
        SILENCE);
  }

  private static DataSource source(String sample) throws IOException {
    Configuration conf = new Configuration();
    org.apache.hadoop.fs.Path in = hadoop(SAMPLES.resolve(sample));
    return switch (sample) {
      case "coco" -> CocoSource.open(conf, in);
      case "ade20k" -> Ade20kSource.open(conf, in);
      default -> ImageNetSource.open(conf, in);
    };
  }

  private Dataset<Row> table(String name) {
    return spark.read().parquet(temp.resolve(name).toString());
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  /** Every file with its hash, the hidden ones too. */
  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), sha256(file));
      }
    }
    return contents;
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
