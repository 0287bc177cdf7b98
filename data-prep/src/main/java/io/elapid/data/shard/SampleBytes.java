package io.elapid.data.shard;

import java.io.Closeable;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.ZipException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Reads listed samples, keeping an archive open from one of its members to the next. */
final class SampleBytes implements Closeable {
  /** Larger than any picture worth having; keeps a damaged listing from asking for gigabytes. */
  private static final long MAX_BYTES = 512L << 20;

  private final Configuration conf;
  private String openPath;
  private FileBytes open;

  SampleBytes(Configuration conf) {
    this.conf = conf;
  }

  /**
   * Some bytes of a file.
   *
   * @param length negative for a file that was expected and not found when listing
   * @throws UnusableException when the file is gone, closed to us, shorter than listed, damaged in
   *     its archive or absurdly long; any other trouble of the storage is an IOException
   */
  byte[] read(String path, long offset, long length) throws IOException, UnusableException {
    if (length < 0) {
      throw new UnusableException("there is no file " + path);
    }
    if (length > MAX_BYTES) {
      throw new UnusableException("file of " + length + " bytes is too large");
    }
    byte[] bytes = new byte[(int) length];
    try {
      file(path).read(offset, ByteBuffer.wrap(bytes));
    } catch (FileNotFoundException e) {
      throw new UnusableException("cannot be opened: " + e.getMessage());
    } catch (EOFException e) {
      throw new UnusableException("the file is shorter than it was when listed");
    } catch (ZipException e) {
      throw new UnusableException(e.getMessage());
    }
    return bytes;
  }

  private FileBytes file(String path) throws IOException {
    if (!path.equals(openPath)) {
      close();
      open = FileBytes.openChecked(conf, new Path(path));
      openPath = path;
    }
    return open;
  }

  @Override
  public void close() throws IOException {
    openPath = null;
    if (open != null) {
      open.close();
      open = null;
    }
  }

  /** One file's own fault: it is set aside and the work goes on. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String reason) {
      super(reason);
    }
  }
}
