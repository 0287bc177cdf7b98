package io.elapid.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackgroundCheckpointsTest {
  private static final Configuration CONF = new Configuration();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir java.nio.file.Path dir;
  private final Heard heard = new Heard();

  @Test
  void whatIsWrittenIsTheStateAtTheTimeOfTheCall() throws Exception {
    heard.gate = new CountDownLatch(1);
    NamedTensor weight = weight(1);
    try (BackgroundCheckpoints checkpoints = open(PATIENCE, 0)) {
      checkpoints.submit(meta(10), List.of(weight), List.of(), List.of(weight));
      weight.floats().put(0, 2);
      heard.gate.countDown();
      checkpoints.submit(meta(20), List.of(weight), List.of(weight), List.of(weight));
      weight.floats().put(0, 3);
      checkpoints.finish();
    }
    assertThat(first(10)).isEqualTo(1);
    assertThat(first(20)).isEqualTo(2);
    assertThat(heard.events).containsExactly("written 10", "written 20");
  }

  @Test
  void aFailedWriteIsToldAndTheNextOneIsTried() throws Exception {
    java.nio.file.Path place = dir.resolve("checkpoints");
    try (BackgroundCheckpoints checkpoints = open(PATIENCE, 1)) {
      submit(checkpoints, 10);
      checkpoints.finish();
      Files.move(place, dir.resolve("aside"));
      Files.writeString(place, "in the way");
      submit(checkpoints, 20);
      assertThatThrownBy(checkpoints::finish)
          .isInstanceOf(CheckpointFailedException.class)
          .hasMessageContaining("step 20");
      Files.delete(place);
      Files.move(dir.resolve("aside"), place);
      submit(checkpoints, 30);
      checkpoints.finish();
    }
    assertThat(first(10)).isEqualTo(10);
    assertThat(first(30)).isEqualTo(30);
    assertThat(heard.events).containsExactly("written 10", "failed 20", "written 30");
  }

  @Test
  void tooManyFailuresInARowEndTheRun() throws Exception {
    Files.writeString(dir.resolve("checkpoints"), "in the way");
    try (BackgroundCheckpoints checkpoints = open(PATIENCE, 1)) {
      submit(checkpoints, 10);
      submit(checkpoints, 20);
      assertThatThrownBy(() -> submit(checkpoints, 30))
          .isInstanceOf(CheckpointFailedException.class)
          .hasMessageContaining("2 checkpoints in a row")
          .hasMessageContaining("step 20");
    }
  }

  @Test
  void aFileSystemThatHangsIsNotWaitedForForEver() throws Exception {
    Path path = new Path("stall://" + dir.resolve("checkpoints"));
    CheckpointStore store = new CheckpointStore(StallingFileSystem.configuration(), path);
    try (BackgroundCheckpoints checkpoints = open(store, Duration.ofMillis(200), 5)) {
      submit(checkpoints, 10);
      long start = System.nanoTime();
      assertThatThrownBy(
              () -> {
                while (true) {
                  checkpoints.check();
                }
              })
          .isInstanceOf(CheckpointFailedException.class)
          .hasMessageContaining("step 10 took longer than checkpoint.timeout");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
    }
  }

  @Test
  void theNextOneIsBetterLeftOutWhileOneHangsAndGivenUpWithIt() throws Exception {
    Path path = new Path("stall://" + dir.resolve("checkpoints"));
    CheckpointStore store = new CheckpointStore(StallingFileSystem.configuration(), path);
    try (BackgroundCheckpoints checkpoints = open(store, Duration.ofSeconds(2), 5)) {
      assertThat(checkpoints.ready(Duration.ZERO)).isTrue();
      submit(checkpoints, 10);
      assertThat(checkpoints.ready(Duration.ofMillis(50))).isFalse();
      checkpoints.check();
      assertThat(checkpoints.ready(PATIENCE)).isTrue();
      assertThatThrownBy(() -> submit(checkpoints, 20))
          .isInstanceOf(CheckpointFailedException.class)
          .hasMessageContaining("step 10 took longer than checkpoint.timeout");
    }
  }

  /** As HDFS without a DataNode, whose client tries for half a minute. */
  @Test
  void oldOnesThatCannotBeReadForAWhileHoldUpNeitherTheNextOnesNorTheCaller() throws Exception {
    Path path = new Path("silent://" + dir.resolve("checkpoints"));
    CheckpointStore store = new CheckpointStore(SilentFileSystem.configuration(), path);
    try (BackgroundCheckpoints checkpoints = open(store, PATIENCE, 0, Retention.newest(1))) {
      submit(checkpoints, 10);
      checkpoints.finish();
      SilentFileSystem.silence(new CountDownLatch(1));
      for (long step = 20; step <= 50; step += 10) {
        submit(checkpoints, step);
      }
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (heard.events.size() < 5 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(store.folders()).hasSize(5);
      SilentFileSystem.answer();
      checkpoints.finish();
    } finally {
      SilentFileSystem.answer();
    }
    assertThat(heard.events)
        .containsExactly("written 10", "written 20", "written 30", "written 40", "written 50");
    assertThat(store.folders()).extracting(Path::getName).containsExactly("step-000000050");
  }

  @Test
  void nothingIsPublishedOnceSomeoneElseHasTheRun() throws Exception {
    Path leases = new Path(dir.resolve("lease").toUri());
    Lease mine = Lease.claim(CONF, leases, LeaseOwner.here("a"), Duration.ZERO, message -> {});
    CheckpointStore store = new CheckpointStore(CONF, place(), Optional.of(mine.fence()));
    try (BackgroundCheckpoints checkpoints = open(store, PATIENCE, 5)) {
      submit(checkpoints, 10);
      checkpoints.finish();
      Lease.claim(CONF, leases, LeaseOwner.here("b"), Duration.ZERO, message -> {});
      submit(checkpoints, 20);
      assertThatThrownBy(checkpoints::finish)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("application b");
    }
    assertThat(new CheckpointStore(CONF, place()).folders())
        .extracting(Path::getName)
        .containsExactly("step-000000010");
    assertThat(dir.resolve("checkpoints")).isDirectoryNotContaining("glob:**/_writing-*");
  }

  @Test
  void nothingIsDeletedOnceSomeoneElseHasTheRun() throws Exception {
    Path leases = new Path(dir.resolve("lease").toUri());
    Lease mine = Lease.claim(CONF, leases, LeaseOwner.here("a"), Duration.ZERO, message -> {});
    CheckpointStore store = new CheckpointStore(CONF, place(), Optional.of(mine.fence()));
    try (BackgroundCheckpoints checkpoints = open(store, PATIENCE, 5)) {
      submit(checkpoints, 10);
      submit(checkpoints, 20);
      checkpoints.finish();
    }
    Lease.claim(CONF, leases, LeaseOwner.here("b"), Duration.ZERO, message -> {});
    assertThatThrownBy(() -> store.retain(Retention.newest(1), Long.MAX_VALUE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("application b");
    assertThat(store.folders()).hasSize(2);
  }

  private BackgroundCheckpoints open(Duration timeout, int maxFailures) throws IOException {
    return open(new CheckpointStore(CONF, place()), timeout, maxFailures);
  }

  private BackgroundCheckpoints open(CheckpointStore store, Duration timeout, int maxFailures) {
    return open(store, timeout, maxFailures, Retention.newest(5));
  }

  private BackgroundCheckpoints open(
      CheckpointStore store, Duration timeout, int maxFailures, Retention retention) {
    return new BackgroundCheckpoints(
        store, new BackgroundCheckpoints.Settings(retention, timeout, maxFailures), heard);
  }

  private static void submit(BackgroundCheckpoints checkpoints, long step) throws Exception {
    NamedTensor weight = weight((float) step);
    checkpoints.submit(meta(step), List.of(weight), List.of(), List.of(weight));
  }

  private static NamedTensor weight(float value) {
    return NamedTensor.floats("w", new long[] {2}, value, -value);
  }

  private float first(long step) throws IOException {
    Path folder = new Path(place(), CheckpointStore.name(step));
    return CheckpointStore.read(CONF, folder).model().get("w").floats().get(0);
  }

  private Path place() {
    return new Path(dir.resolve("checkpoints").toUri());
  }

  private static CheckpointMeta meta(long step) {
    return new CheckpointMeta("net", 2, 32, step, 0, List.of(), Map.of(), "", Map.of());
  }

  private static final class Heard implements BackgroundCheckpoints.Listener {
    private final List<String> events = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public void written(CheckpointMeta meta, String path, Duration time) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      events.add("written " + meta.step());
    }

    @Override
    public void failed(CheckpointMeta meta, Exception cause) {
      events.add("failed " + meta.step());
    }
  }
}
