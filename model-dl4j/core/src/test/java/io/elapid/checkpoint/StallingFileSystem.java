package io.elapid.checkpoint;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** The local file system under the scheme {@code stall:}, whose writes never come back. */
public final class StallingFileSystem extends RawLocalFileSystem {
  static Configuration configuration() {
    Configuration conf = new Configuration();
    conf.setClass("fs.stall.impl", StallingFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
    return conf;
  }

  @Override
  public URI getUri() {
    return URI.create("stall:///");
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    return hang();
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    return hang();
  }

  private static FSDataOutputStream hang() throws IOException {
    try {
      new CountDownLatch(1).await();
      throw new IllegalStateException("never");
    } catch (InterruptedException e) {
      throw new IOException("interrupted at last", e);
    }
  }
}
