package io.elapid.observe;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** File systems for files that are read while they are written. */
public final class PlainFiles {
  private PlainFiles() {}

  /**
   * The file system of {@code path}, without Hadoop's checksums over local files: these forbid
   * appending and hold back from readers what has been written.
   */
  public static FileSystem of(Configuration conf, Path path) throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    return fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
  }
}
