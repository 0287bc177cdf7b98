package io.elapid.job;

import io.elapid.checkpoint.Lease;
import io.elapid.data.InputException;
import io.elapid.observe.RunSummary;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Finds the runs below a folder and how they stand. Runs in this process. */
public final class RunsJob {
  /** How deep runs may lie below the folder that is named. */
  private static final int DEPTH = 3;

  /** Drivers give a sign of life every few seconds; clocks of machines may differ. */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private final Configuration hadoop;
  private final Path root;

  public RunsJob(Configuration hadoop, Path root) {
    this.hadoop = hadoop;
    this.root = root;
  }

  /**
   * A run.
   *
   * @param name of its folder, from the folder that was named
   * @param path of its folder
   * @param summary what its log tells
   * @param state finished, stopped, failed, running, or lost: its driver gives no sign of life
   */
  public record Run(String name, String path, RunSummary summary, String state) {}

  /**
   * All runs, by name.
   *
   * @throws InputException if there is no such folder
   */
  public List<Run> run() throws IOException {
    FileSystem files = root.getFileSystem(hadoop);
    if (!files.exists(root) || !files.getFileStatus(root).isDirectory()) {
      throw new InputException(root + ": is not a folder", "name the folder that runs lie in");
    }
    List<Run> runs = new ArrayList<>();
    collect(files, files.makeQualified(root), "", DEPTH, runs);
    return runs;
  }

  private void collect(FileSystem files, Path folder, String name, int depth, List<Run> runs)
      throws IOException {
    Optional<RunSummary> summary = RunSummary.read(hadoop, folder);
    if (summary.isPresent()) {
      String shown = name.isEmpty() ? folder.getName() : name;
      runs.add(new Run(shown, folder.toString(), summary.get(), state(folder, summary.get())));
    } else if (depth > 0) {
      FileStatus[] children = files.listStatus(folder);
      Arrays.sort(children);
      for (FileStatus child : children) {
        if (child.isDirectory()) {
          String below = child.getPath().getName();
          collect(
              files, child.getPath(), name.isEmpty() ? below : name + "/" + below, depth - 1, runs);
        }
      }
    }
  }

  private String state(Path folder, RunSummary summary) throws IOException {
    Optional<Instant> sign = Lease.lastSign(hadoop, new RunFolder(folder, hadoop).lease());
    if (sign.filter(at -> at.isAfter(Instant.now().minus(SILENCE))).isPresent()) {
      return "running";
    }
    return summary.state().orElse("lost");
  }
}
