package io.elapid.checkpoint;

import io.elapid.data.InputException;
import io.elapid.data.LocalFiles;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A single file of weights that is yet to be written. */
public final class WeightFile {
  private static final int BUFFER_BYTES = 1 << 18;

  private final FileSystem fs;
  private final Path path;

  private WeightFile(FileSystem fs, Path path) {
    this.fs = fs;
    this.path = path;
  }

  /**
   * A file that does not exist yet, in a folder that may not either.
   *
   * @throws InputException if there is something of that name
   */
  public static WeightFile create(Configuration conf, Path path) throws IOException {
    return create(conf, path, Existing.REFUSE);
  }

  /**
   * A file that is yet to be written, in a folder that may not exist.
   *
   * @throws InputException if there is something of that name that must not be replaced, or a
   *     folder
   */
  public static WeightFile create(Configuration conf, Path path, Existing existing)
      throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    if (fs.exists(path) && (existing == Existing.REFUSE || fs.getFileStatus(path).isDirectory())) {
      throw new InputException(path + ": is there already", "Name a new file, or delete this one.");
    }
    FileSystem plain = LocalFiles.plain(conf, path);
    return new WeightFile(plain, plain.makeQualified(path));
  }

  /** Writes the tensors with all that is known about them; the file appears when it is whole. */
  public void write(ModelWeights weights) throws IOException {
    write(weights::writeTo);
  }

  /** Writes weights in another form; the file appears when it is whole. */
  public void write(Content content) throws IOException {
    Path temporary =
        new Path(path.getParent(), "_%s.%s.tmp".formatted(path.getName(), UUID.randomUUID()));
    try {
      try (OutputStream out = new BufferedOutputStream(fs.create(temporary, false), BUFFER_BYTES)) {
        content.writeTo(out);
      }
      // HDFS refuses to rename onto a file
      fs.delete(path, false);
      if (!fs.rename(temporary, path)) {
        throw new IOException("cannot rename %s to %s".formatted(temporary, path));
      }
    } finally {
      fs.delete(temporary, false);
    }
  }
}
