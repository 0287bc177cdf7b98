package io.elapid.checkpoint;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system under the scheme {@code full:}, where files can be made and nothing be
 * written: the system's own device that is always full takes the bytes.
 */
public final class FullDisk extends RawLocalFileSystem {
  private static final Path FULL = new Path("/dev/full");

  /** One with that scheme. */
  public static Configuration configuration() {
    Configuration conf = new Configuration();
    conf.setClass("fs.full.impl", FullDisk.class, FileSystem.class);
    return conf;
  }

  @Override
  public URI getUri() {
    return URI.create("full:///");
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    super.create(file, overwrite, buffer, replication, block, progress).close();
    return append(file, buffer, progress);
  }

  @Override
  public FSDataOutputStream append(Path file, int buffer, Progressable progress)
      throws IOException {
    return super.append(FULL, buffer, progress);
  }
}
