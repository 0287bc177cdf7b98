package io.elapid.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run as numbers for other programs: one JSON object per line, each visible to readers as soon
 * as it is written.
 *
 * <p>Opening continues the last file of the folder, or starts the next one where the file system
 * cannot append. A write that fails costs its line and a warning, never the run. Safe for use by
 * several threads.
 */
public final class MetricsLog implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsLog.class);

  private final MetricsFiles files;
  private FSDataOutputStream out;
  private long lost;

  private MetricsLog(MetricsFiles files) {
    this.files = files;
  }

  /** A log in {@code folder}, which is made if need be. */
  public static MetricsLog open(Configuration conf, Path folder) throws IOException {
    MetricsLog log = new MetricsLog(MetricsFiles.in(conf, folder));
    log.out = log.files.continueLast();
    return log;
  }

  /**
   * What all logs in {@code folder} tell of the run so far; empty if there are none. One that
   * cannot be read, such as one whose last writer was cut off, is left out with a warning.
   */
  public static RunHistory read(Configuration conf, Path folder) throws IOException {
    MetricsFiles files = MetricsFiles.in(conf, folder);
    HistoryBuilder history = new HistoryBuilder();
    for (Path file : files.list()) {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(files.fileSystem().open(file), UTF_8))) {
        lines.lines().filter(line -> !line.isBlank()).forEach(history::add);
      } catch (IOException | UncheckedIOException e) {
        LOG.warn("The history has gaps: {} cannot be read: {}", file, e.toString());
      }
    }
    return history.build();
  }

  /** Writes one line; {@code json} is an object without line breaks. */
  public synchronized void append(String json) {
    byte[] line = (json + "\n").getBytes(UTF_8);
    if (out != null && written(line)) {
      return;
    }
    // A file that opens for appending may still refuse the bytes, as HDFS does with too few nodes.
    if (!writtenToNext(line)) {
      lost++;
      if (lost == 1) {
        LOG.warn("Metrics cannot be written to {}; the run goes on", files.folder());
      }
    }
  }

  private boolean writtenToNext(byte[] line) {
    try {
      Path next = files.next();
      out = files.start(next);
      if (written(line)) {
        return true;
      }
      // or a disk that is full for long would leave an empty file for every line
      files.remove(next);
    } catch (IOException | FSError e) {
      LOG.debug("no new file in {}: {}", files.folder(), e.toString());
    }
    return false;
  }

  private boolean written(byte[] line) {
    try {
      out.write(line);
      out.hflush();
      return true;
    } catch (IOException | FSError e) {
      LOG.debug("a line of metrics was refused in {}: {}", files.folder(), e.toString());
      abandon();
      return false;
    }
  }

  // After a failed write no one knows how the file ends: what follows goes to the next one.
  private void abandon() {
    FSDataOutputStream failed = out;
    out = null;
    try {
      if (failed != null) {
        failed.close();
      }
    } catch (IOException | FSError e) {
      LOG.debug("closing the log in {} failed: {}", files.folder(), e.toString());
    }
  }

  @Override
  public synchronized void close() {
    abandon();
    if (lost > 0) {
      LOG.warn("{} lines of metrics were lost in {}", lost, files.folder());
    }
  }
}
