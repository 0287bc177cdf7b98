package io.elapid.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.elapid.observe.Attempt.Activity;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  private static final Configuration CONF = new Configuration();

  @TempDir java.nio.file.Path dir;

  @Test
  void linesAreReadableBeforeTheLogIsClosed() throws IOException {
    try (MetricsLog log = MetricsLog.open(CONF, folder())) {
      log.append(step(50, "1.5"));
      log.append("{\"event\":\"checkpoint\",\"path\":\"caf\u00e9\"}");
      assertThat(Files.readString(dir.resolve("metrics.jsonl")))
          .isEqualTo(step(50, "1.5") + "\n{\"event\":\"checkpoint\",\"path\":\"caf\u00e9\"}\n");
    }
  }

  @Test
  void aResumedRunContinuesTheFileAndReplacesWhatItDoesAgain() throws IOException {
    try (MetricsLog log = MetricsLog.open(CONF, folder())) {
      log.append(start(2, 0));
      log.append(step(10, "3.0"));
      log.append(step(20, "2.0"));
      log.append(evaluation(2, 20, 0.4));
      log.append(step(30, "9.0"));
      log.append(step(40, "\"NaN\""));
      log.append(evaluation(4, 40, 0.1));
    }
    Files.writeString(
        dir.resolve("metrics.jsonl"), "{\"event\":\"step\",\"st", StandardOpenOption.APPEND);
    try (MetricsLog log = MetricsLog.open(CONF, folder())) {
      log.append(start(1, 20));
      log.append(step(30, "1.8"));
      log.append(evaluation(3, 30, 0.5));
    }
    RunHistory history = MetricsLog.read(CONF, folder());
    assertThat(history.steps())
        .extracting(StepPoint::step, StepPoint::loss)
        .containsExactly(tuple(10L, 3.0), tuple(20L, 2.0), tuple(30L, 1.8));
    assertThat(history.epochs()).extracting(EpochPoint::top1).containsExactly(0.4, 0.5);
    assertThat(history.best().orElseThrow().epoch()).isEqualTo(3);
    assertThat(history.last().orElseThrow().epoch()).isEqualTo(3);
    assertThat(history.samplesPerSecond()).isEqualTo(321);
    assertThat(history.attempts())
        .extracting(Attempt::ranks, Attempt::firstStep)
        .containsExactly(tuple(2, 0L), tuple(1, 20L));
    assertThat(history.attempts().get(0).spent())
        .containsEntry(Activity.COMPUTE, Duration.ofMillis(4000))
        .containsEntry(Activity.DATA, Duration.ofMillis(500));
    assertThat(dir.toFile().list()).containsExactly("metrics.jsonl");
  }

  @Test
  void aWriterThatWakesUpLateWritesOverNobodysLines() throws IOException {
    try (MetricsLog asleep = MetricsLog.open(CONF, folder())) {
      asleep.append(step(10, "3.0"));
      try (MetricsLog successor = MetricsLog.open(CONF, folder())) {
        successor.append(step(20, "2.0"));
        successor.append(step(30, "1.8"));
        asleep.append(step(11, "2.9"));
      }
    }
    assertThat(Files.readAllLines(dir.resolve("metrics.jsonl")))
        .filteredOn(line -> !line.isBlank())
        .containsExactly(step(10, "3.0"), step(20, "2.0"), step(30, "1.8"), step(11, "2.9"));
  }

  @Test
  void aNumberThatIsNoneIsKeptAsSuch() {
    RunHistory history = new HistoryBuilder().add(step(1, "\"NaN\"")).build();
    assertThat(history.steps().get(0).loss()).isNaN();
  }

  @Test
  void whereAppendingIsImpossibleTheNextFileIsStarted() throws IOException {
    Configuration conf = new Configuration();
    conf.set("fs.noappend.impl", NoAppend.class.getName());
    Path folder = new Path("noappend://" + dir);
    for (int attempt = 0; attempt < 12; attempt++) {
      try (MetricsLog log = MetricsLog.open(conf, folder)) {
        log.append(step(attempt, "1.0"));
      }
    }
    assertThat(dir.toFile().list())
        .hasSize(12)
        .contains("metrics.jsonl", "metrics-1.jsonl", "metrics-11.jsonl");
    assertThat(MetricsLog.read(conf, folder).steps())
        .extracting(StepPoint::step)
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
  }

  @Test
  void aLogThatCannotBeWrittenDoesNotStopTheRun() throws IOException {
    java.nio.file.Path place = dir.resolve("run");
    MetricsLog log = MetricsLog.open(CONF, new Path(place.toString()));
    log.close();
    Files.delete(place.resolve("metrics.jsonl"));
    Files.delete(place);
    Files.writeString(place, "a file in the way");
    log.append(step(1, "1.0"));
    Files.delete(place);
    log.append(step(2, "1.0"));
    log.close();
    assertThat(MetricsLog.read(CONF, new Path(place.toString())).steps())
        .extracting(StepPoint::step)
        .containsExactly(2L);
  }

  @Test
  void aLineThatAnOpenedFileRefusesGoesToTheNextFile() throws IOException {
    Configuration conf = new Configuration();
    conf.set("fs.refusing.impl", RefusesAppended.class.getName());
    Path folder = new Path("refusing://" + dir);
    for (int step = 1; step <= 3; step++) {
      try (MetricsLog log = MetricsLog.open(conf, folder)) {
        log.append(step(step, "1.0"));
      }
    }
    assertThat(MetricsLog.read(conf, folder).steps())
        .extracting(StepPoint::step)
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void aFullLocalDiskCostsLinesAndNoMore() throws IOException {
    Configuration conf = new Configuration();
    conf.set("fs.full.impl", Full.class.getName());
    MetricsLog log = MetricsLog.open(conf, new Path("full://" + dir));
    log.append(step(1, "1.0"));
    log.append(step(2, "1.0"));
    log.append(step(3, "1.0"));
    log.close();
    assertThat(MetricsLog.read(CONF, new Path(dir.toString())).steps()).isEmpty();
    assertThat(dir.toFile().list()).as("no file for every line").containsExactly("metrics.jsonl");
  }

  /** The file that the log had open when the writer's DataNode died stays unreadable. */
  @Test
  void aFileThatCannotBeReadLeavesAGap() throws IOException {
    Configuration conf = new Configuration();
    conf.set("fs.gaps.impl", FirstFileLost.class.getName());
    Files.writeString(dir.resolve("metrics.jsonl"), step(1, "1.0") + "\n");
    Files.writeString(dir.resolve("metrics-1.jsonl"), step(2, "1.0") + "\n");

    assertThat(MetricsLog.read(conf, new Path("gaps://" + dir)).steps())
        .extracting(StepPoint::step)
        .containsExactly(2L);
  }

  @Test
  void aFolderWithoutLogsHasNoHistory() throws IOException {
    RunHistory history = MetricsLog.read(CONF, new Path(folder(), "none"));
    assertThat(history.steps()).isEmpty();
    assertThat(history.best()).isEmpty();
    assertThat(history.last()).isEmpty();
    assertThat(history.samplesPerSecond()).isNaN();
  }

  private Path folder() {
    return new Path(dir.toString());
  }

  private static String start(int ranks, long step) {
    return """
        {"event":"start","ranks":%d,"step":%d,"steps_per_epoch":10,"total_steps":40,"batch":8}"""
        .formatted(ranks, step);
  }

  private static String step(long step, String loss) {
    return """
        {"event":"step","step":%d,"loss":%s,"lr":0.002,"samples_per_second":321.0,\
        "compute_seconds":%d,"data_seconds":0.5}"""
        .formatted(step, loss, step / 10);
  }

  private static String evaluation(long epoch, long step, double top1) {
    return """
        {"event":"evaluation","epoch":%d,"step":%d,"loss":2.0,"top1":%s,"top5":0.9}"""
        .formatted(epoch, step, top1);
  }

  /** A local file system that, like object stores, cannot append. */
  public static final class NoAppend extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("noappend:///");
    }

    @Override
    public FSDataOutputStream append(Path file, int bufferSize, Progressable progress) {
      throw new UnsupportedOperationException("append");
    }
  }

  /** A local file system that cannot say how long a file is. */
  public static final class FirstFileLost extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("gaps:///");
    }

    @Override
    public FSDataInputStream open(Path file, int bufferSize) throws IOException {
      if (file.getName().equals("metrics.jsonl")) {
        throw new IOException("cannot obtain block length");
      }
      return super.open(file, bufferSize);
    }
  }

  /**
   * A local file system with room for names alone: a device that is always full takes the bytes.
   */
  public static final class Full extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("full:///");
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      super.create(file, overwrite, bufferSize, replication, blockSize, progress).close();
      return append(file, bufferSize, progress);
    }

    @Override
    public FSDataOutputStream append(Path file, int bufferSize, Progressable progress)
        throws IOException {
      return super.append(new Path("/dev/full"), bufferSize, progress);
    }
  }

  /** A local file system that opens files for appending and then refuses the bytes. */
  public static final class RefusesAppended extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("refusing:///");
    }

    @Override
    public FSDataOutputStream append(Path file, int bufferSize, Progressable progress)
        throws IOException {
      OutputStream broken =
          new OutputStream() {
            @Override
            public void write(int value) throws IOException {
              if (value != '\n') {
                throw new IOException("too few nodes");
              }
            }
          };
      return new FSDataOutputStream(broken, null);
    }
  }
}
