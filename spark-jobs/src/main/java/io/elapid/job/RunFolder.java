package io.elapid.job;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.data.InputException;
import java.io.IOException;
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

  public Path report() {
    return new Path(root, "report.html");
  }

  Optional<Checkpoint> newest() throws IOException {
    return new CheckpointStore(hadoop, checkpoints()).newest();
  }
}
