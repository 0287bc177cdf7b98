package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.chaos.Launcher;
import io.elapid.chaos.Launcher.Result;
import io.elapid.chaos.Program;
import io.elapid.data.SplitMix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A prepare run that dies leaves nothing that a reader would take for complete, and can simply be
 * run again.
 */
final class KilledPrepareIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir Path folder;

  /** Ten kills, from before the first shard to well after it, and one run that is let be. */
  @Test
  void killedAgainAndAgainItIsNoDataSetAndThenComesToTheSameBytes() throws IOException {
    Result generated =
        elapid()
            .run(
                LIMIT, "generate", path("raw"), "--train", "4000", "--val", "100", "--size", "160");
    assertThat(generated.exit()).as(generated.output()).isZero();
    Result undisturbed = prepare("whole");
    assertThat(undisturbed.exit()).as(undisturbed.output()).isZero();

    SplitMix random = new SplitMix(5);
    for (int kill = 0; kill < 10; kill++) {
      long finished = receipts() + random.nextInt(3);
      Duration later = Duration.ofMillis(random.nextInt(80));
      try (Program prepare = start("killed")) {
        Awaitility.await("shard " + finished)
            .atMost(LIMIT)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> (receipts() >= finished && writing()) || !prepare.alive());
        Awaitility.await().pollDelay(later).until(() -> true);
        prepare.killAll();
        assertThat(prepare.await(LIMIT)).as("the run must be killed before it is done").isNotZero();
      }
      assertThat(folder.resolve("killed/_SUCCESS")).doesNotExist();
      assertThat(folder.resolve("killed/manifest.json")).doesNotExist();
    }
    refusesToTrain();
    Result last = prepare("killed");
    assertThat(last.exit()).as(last.output()).isZero();
    assertThat(last.output()).contains("were finished by an earlier run");
    assertThat(contents(folder.resolve("killed"))).isEqualTo(contents(folder.resolve("whole")));
  }

  /** Spark's own hooks would end executors one by one, for which others start meanwhile. */
  @Test
  void toldToEndItEndsItsExecutorsWithoutAnError() {
    Result generated =
        elapid().run(LIMIT, "generate", path("raw"), "--train", "4000", "--val", "10");
    assertThat(generated.exit()).as(generated.output()).isZero();
    try (Program prepare =
        elapid()
            .submit("--master", "local-cluster[2,1,1024]", "--executor-memory", "512m")
            .start("prepare", "imagenet", path("raw"), path("ended"), "--shard-size", "1")) {
      prepare.awaitOutput("tasks done", LIMIT);
      prepare.signal("TERM");
      assertThat(prepare.await(LIMIT)).as(prepare.output()).isEqualTo(143);
      assertThat(prepare.output()).doesNotContain(" ERROR ");
    }
  }

  private void refusesToTrain() {
    Result train =
        elapid()
            .run(
                LIMIT,
                "train",
                "--recipe",
                "quickstart",
                "--data",
                path("killed"),
                "--output",
                path("run"));
    assertThat(train.exit()).isEqualTo(2);
    assertThat(train.output()).contains("not a finished data set");
  }

  private Program start(String out) {
    return elapid().start("prepare", "imagenet", path("raw"), path(out), "--shard-size", "1");
  }

  private Result prepare(String out) {
    return elapid().run(LIMIT, "prepare", "imagenet", path("raw"), path(out), "--shard-size", "1");
  }

  private long receipts() throws IOException {
    return shards(folder.resolve("killed/_finished/train"));
  }

  private boolean writing() throws IOException {
    Path train = folder.resolve("killed/train");
    if (!Files.isDirectory(train)) {
      return false;
    }
    try (Stream<Path> files = Files.list(train)) {
      return files.anyMatch(f -> f.getFileName().toString().startsWith("_part-"));
    }
  }

  /** Every file with its hash, the hidden ones too. */
  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(root.relativize(file).toString(), sha256(file));
      }
    }
    return contents;
  }

  private static long shards(Path split) throws IOException {
    if (!Files.isDirectory(split)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(split)) {
      return files.filter(f -> f.getFileName().toString().startsWith("part-")).count();
    }
  }

  private Launcher elapid() {
    return new ElapidRun(folder).submit("--master", "local[1]");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
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
