package io.elapid.checkpoint;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local file system under the scheme {@code dying:}, whose user dies at a rename. */
public final class DyingFileSystem extends RawLocalFileSystem {
  private static final AtomicInteger LEFT = new AtomicInteger();

  /** What nobody catches. */
  static final class Death extends Error {
    private static final long serialVersionUID = 1L;
  }

  static Configuration configuration() {
    Configuration conf = new Configuration();
    conf.setClass("fs.dying.impl", DyingFileSystem.class, FileSystem.class);
    return conf;
  }

  /** That one, counted from 1, does not happen any more. */
  static void dieAt(int rename) {
    LEFT.set(rename);
  }

  @Override
  public URI getUri() {
    return URI.create("dying:///");
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    if (LEFT.decrementAndGet() <= 0) {
      throw new Death();
    }
    return super.rename(from, to);
  }
}
