package io.elapid.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.elapid.observe.ChromeTrace;
import io.elapid.observe.OperationTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes one profile of those that the ranks of a run have written. */
final class RunTrace {
  private static final Logger LOG = LoggerFactory.getLogger(RunTrace.class);

  private RunTrace() {}

  /**
   * Writes {@link RunFolder#trace()} if there is anything to write.
   *
   * @return time by kind of operation; empty without a profile
   */
  static List<OperationTime> collect(RunFolder folder) throws IOException {
    FileSystem files = folder.root().getFileSystem(folder.hadoop());
    if (!files.exists(folder.traces())) {
      return List.of();
    }
    FileStatus[] ranks = files.listStatus(folder.traces());
    Arrays.sort(ranks);
    List<String> traces = new ArrayList<>();
    for (FileStatus rank : ranks) {
      try (InputStream in = files.open(rank.getPath())) {
        traces.add(ChromeTrace.merged(List.of(new String(in.readAllBytes(), UTF_8))));
      } catch (IOException | UncheckedIOException e) {
        // what a full disk or a killed rank leaves
        LOG.warn("{} is damaged and is left out of the profile: {}", rank.getPath(), e.toString());
      }
    }
    String all = ChromeTrace.merged(traces);
    try (OutputStream out = files.create(folder.trace(), true)) {
      out.write(all.getBytes(UTF_8));
    }
    return OperationTime.of(all);
  }
}
