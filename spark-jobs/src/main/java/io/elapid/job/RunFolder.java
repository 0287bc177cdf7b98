package io.elapid.job;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.data.InputException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The folder of a run: checkpoints, metrics log and report, each under its fixed name. */
public record RunFolder(Path root, Configuration hadoop) {

  static RunFolder open(Configuration hadoop, Path root) throws IOException {
    FileSystem files = root.getFileSystem(hadoop);
    Path qualified = files.makeQualified(root);
    if (files.exists(qualified) && !files.getFileStatus(qualified).isDirectory()) {
      throw new InputException(root + ": is a file, not a folder", "choose another output folder");
    }
    files.mkdirs(qualified);
    return new RunFolder(qualified, hadoop);
  }

  public Path checkpoints() {
    return new Path(root, "checkpoints");
  }

  /** Who writes into this folder. */
  Path lease() {
    return new Path(root, "lease");
  }

  /** Folders of all checkpoints, newest first, whatever their state. */
  List<Path> checkpointFolders() throws IOException {
    return new CheckpointStore(hadoop, checkpoints()).folders();
  }

  /** What each rank noted of the profiled steps. */
  Path traces() {
    return new Path(root, "traces");
  }

  /** All ranks' profile in one file. */
  public Path trace() {
    return new Path(root, "trace.json");
  }

  public Path report() {
    return new Path(root, "report.html");
  }

  /**
   * The newest complete checkpoint; empty before the first.
   *
   * @throws InputException when there are checkpoints and all of them are damaged: starting over
   *     would bury them
   */
  Optional<Checkpoint> newest() throws IOException {
    CheckpointStore store = new CheckpointStore(hadoop, checkpoints());
    Optional<Checkpoint> newest = store.newest();
    if (newest.isEmpty() && !store.folders().isEmpty()) {
      throw new InputException(
          "%s: all %d checkpoints are damaged (the log says why)"
              .formatted(checkpoints(), store.folders().size()),
          "restore one of them, or choose another output folder to start from the beginning");
    }
    return newest;
  }
}
