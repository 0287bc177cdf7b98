package io.elapid.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.elapid.data.Prepared;
import io.elapid.data.Samples;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.Sample;
import io.elapid.data.shard.ShardSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardCacheTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path temp;
  private Path dataset;
  private Path cache;
  private Manifest manifest;
  private List<String> expected;

  @BeforeEach
  void prepare() throws Exception {
    dataset = temp.resolve("dataset");
    cache = temp.resolve("cache");
    manifest = Prepared.samples(dataset, 3, 8);
    try (SplitFiles split = open(new Configuration())) {
      expected = read(split);
    }
  }

  @Test
  void whatIsCachedIsNotReadFromTheStorageInThisRunOrTheNext() throws Exception {
    for (int run = 0; run < 2; run++) {
      try (SplitFiles split = open(1 << 30)) {
        assertThat(read(split)).isEqualTo(expected);
        await().atMost(SOON).until(() -> split.cachedShards() == 3);
        if (run == 1) {
          spoil(dataset.resolve("train"));
        }
        assertThat(read(split)).isEqualTo(expected);
      }
    }
  }

  @Test
  void aDamagedFileIsFetchedAgain() throws Exception {
    try (SplitFiles split = open(1 << 30)) {
      read(split);
      await().atMost(SOON).until(() -> split.cachedShards() == 3);
    }
    Path victim = files().get(1);
    byte[] bytes = Files.readAllBytes(victim);
    byte[] damaged = bytes.clone();
    damaged[bytes.length / 2] ^= 1;
    Files.write(victim, damaged);
    try (SplitFiles split = open(1 << 30)) {
      assertThat(read(split)).isEqualTo(expected);
      await().atMost(SOON).until(() -> split.cachedShards() == 3);
      assertThat(Files.readAllBytes(victim)).isEqualTo(bytes);
    }
  }

  @Test
  void damageThatComesLaterIsReadFromTheStorage() throws Exception {
    try (SplitFiles split = open(1 << 30)) {
      read(split);
      await().atMost(SOON).until(() -> split.cachedShards() == 3);
      assertThat(read(split)).isEqualTo(expected);
      spoil(cache);
      assertThat(read(split)).isEqualTo(expected);
    }
  }

  @Test
  void neverTakesMoreThanItMay() throws Exception {
    long largest = manifest.shards("train").stream().mapToLong(ShardSummary::bytes).max().orElse(0);
    Files.createDirectories(cache);
    Path old = Files.write(cache.resolve("00.parquet"), new byte[(int) largest / 2]);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    Path left = Files.write(cache.resolve("11.tmp"), new byte[10]);
    long limit = largest + 10;
    try (SplitFiles split = open(limit)) {
      assertThat(read(split)).isEqualTo(expected);
      await().atMost(SOON).until(() -> split.cachedShards() == 1);
      for (int i = 0; i < 3; i++) {
        assertThat(read(split)).isEqualTo(expected);
        assertThat(size()).isLessThanOrEqualTo(limit);
      }
    }
    assertThat(old).doesNotExist();
    assertThat(left).doesNotExist();
    assertThat(files()).hasSize(1);
  }

  @Test
  void ranksOfAHostShareIt() throws Exception {
    try (SplitFiles one = open(1 << 30);
        SplitFiles other = open(1 << 30)) {
      CompletableFuture<List<String>> first = CompletableFuture.supplyAsync(() -> again(one));
      CompletableFuture<List<String>> second = CompletableFuture.supplyAsync(() -> again(other));
      assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(expected);
      assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(expected);
      assertThat(files()).hasSize(3);
    }
  }

  /** Until all of it is cached: who found the other one fetching asks again. */
  private static List<String> again(SplitFiles split) {
    try {
      List<String> seen = read(split);
      await().atMost(SOON).until(() -> read(split).equals(seen) && split.cachedShards() == 3);
      return seen;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private SplitFiles open(long bytes) throws IOException {
    ReadSettings settings =
        new ReadSettings(Duration.ofSeconds(5), Optional.of(cache.toString()), bytes);
    return open(settings.in(new Configuration()));
  }

  private SplitFiles open(Configuration conf) throws IOException {
    return SplitFiles.open(conf, Samples.hadoop(dataset), manifest, "train");
  }

  private static List<String> read(SplitFiles split) throws InterruptedException {
    List<String> seen = new ArrayList<>();
    for (int group = 0; group < split.groupRows().length; group++) {
      BitSet all = new BitSet();
      all.set(0, split.groupRows()[group]);
      for (Sample sample : split.read(group, all).values()) {
        seen.add(sample.id() + " " + Arrays.hashCode(sample.image()));
      }
    }
    return seen;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.filter(f -> f.toString().endsWith(".parquet")).sorted().toList();
    }
  }

  private long size() throws IOException {
    long size = 0;
    for (Path file : files()) {
      size += Files.size(file);
    }
    return size;
  }

  /** Zeros instead of every shard in a folder. */
  private static void spoil(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        Files.write(file, new byte[(int) Files.size(file)]);
      }
    }
  }
}
