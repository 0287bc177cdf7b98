package io.elapid.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stops a file from being written is what the user hears of. */
final class CheckpointWriterTest {
  @TempDir java.nio.file.Path folder;

  /** As HDFS without a DataNode: every call fails with one and the same exception. */
  private static final class Lost extends FilterFileSystem {
    private final IOException failure = new IOException("all datanodes are bad");

    Lost(FileSystem files) {
      super(files);
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return new FSDataOutputStream(new LostStream(failure), null);
    }
  }

  private static final class LostStream extends OutputStream {
    private final IOException failure;

    LostStream(IOException failure) {
      this.failure = failure;
    }

    @Override
    public void write(int one) throws IOException {
      throw failure;
    }

    @Override
    public void close() throws IOException {
      throw failure;
    }
  }

  @Test
  void aStreamThatFailsAgainWhenClosedDoesNotHideWhy() throws IOException {
    Path place = new Path(folder.resolve("checkpoint").toUri());
    CheckpointWriter writer =
        new CheckpointWriter(new Lost(FileSystem.getLocal(new Configuration())), place);

    assertThatThrownBy(() -> writer.text("recipe.conf", "x".repeat(10_000_000)))
        .isInstanceOf(IOException.class)
        .hasMessage("all datanodes are bad");
  }
}
