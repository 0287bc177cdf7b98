package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.it.ElapidRun.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  @Test
  void killedRunIsNotADataSetAndTheNextRunMakesOne() throws IOException {
    Path out = folder.resolve("data");
    Result generated =
        elapid()
            .run(LIMIT, "generate", path("raw"), "--train", "3000", "--val", "100", "--size", "64");
    assertThat(generated.exit()).as(generated.output()).isZero();

    try (Jvm prepare =
        elapid().start("prepare", "imagenet", path("raw"), out.toString(), "--shard-size", "1")) {
      Awaitility.await("the first shard")
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> shards(out.resolve("train")) > 0 || !prepare.alive());
      prepare.kill();
      assertThat(prepare.await(LIMIT)).as("the run must be killed before it is done").isNotZero();
    }

    assertThat(out.resolve("manifest.json")).doesNotExist();
    assertThat(out.resolve("_SUCCESS")).doesNotExist();
    Result train =
        elapid()
            .run(
                LIMIT,
                "train",
                "--recipe",
                "quickstart",
                "--data",
                out.toString(),
                "--output",
                path("run"));
    assertThat(train.exit()).isEqualTo(2);
    assertThat(train.output()).contains("not a finished data set");

    Result again =
        elapid()
            .run(LIMIT, "prepare", "imagenet", path("raw"), out.toString(), "--shard-size", "1");
    assertThat(again.exit()).as(again.output()).isZero();
    assertThat(out.resolve("_SUCCESS")).exists();
  }

  private static long shards(Path split) throws IOException {
    if (!Files.isDirectory(split)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(split)) {
      return files.filter(f -> f.getFileName().toString().startsWith("part-")).count();
    }
  }

  private ElapidRun elapid() {
    return new ElapidRun(folder).submit("--master", "local[1]");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }
}
