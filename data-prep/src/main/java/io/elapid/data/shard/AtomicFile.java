package io.elapid.data.shard;

import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Files that appear under their own name only when they are whole. */
public final class AtomicFile {
  /** Writes one file's content to the path that it is given. */
  public interface Writer {
    void write(Path temporary) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Lets {@code writer} fill a file whose name readers ignore (it starts with '_', beside the final
   * one) and renames it, replacing what another attempt may have left.
   */
  public static void write(Configuration conf, Path file, Writer writer) throws IOException {
    FileSystem fs = file.getFileSystem(conf);
    Path temporary =
        new Path(file.getParent(), "_" + file.getName() + "." + UUID.randomUUID() + ".tmp");
    boolean renamed = false;
    try {
      writer.write(temporary);
      renamed = rename(fs, temporary, file);
    } finally {
      if (!renamed) {
        fs.delete(temporary, false);
      }
    }
    if (!renamed) {
      throw new IOException("cannot rename " + temporary + " to " + file);
    }
  }

  private static boolean rename(FileSystem fs, Path from, Path to) throws IOException {
    // HDFS refuses to rename onto a file, and says so in the result only.
    fs.delete(to, false);
    return fs.rename(from, to);
  }
}
