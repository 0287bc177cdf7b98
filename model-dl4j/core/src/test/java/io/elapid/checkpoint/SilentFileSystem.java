package io.elapid.checkpoint;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local file system under the scheme {@code silent:}, where reading can be made to wait. */
public final class SilentFileSystem extends RawLocalFileSystem {
  private static volatile CountDownLatch gate = new CountDownLatch(0);

  static Configuration configuration() {
    Configuration conf = new Configuration();
    conf.setClass("fs.silent.impl", SilentFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
    return conf;
  }

  /** Nothing can be opened any more until {@link #answer}. */
  static void silence(CountDownLatch until) {
    gate = until;
  }

  static void answer() {
    gate.countDown();
  }

  @Override
  public URI getUri() {
    return URI.create("silent:///");
  }

  @Override
  public FSDataInputStream open(Path path, int buffer) throws IOException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IOException("interrupted at last", e);
    }
    return super.open(path, buffer);
  }
}
