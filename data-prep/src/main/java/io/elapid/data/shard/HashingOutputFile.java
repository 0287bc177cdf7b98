package io.elapid.data.shard;

import io.elapid.data.LocalFiles;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * A file that is hashed while it is written.
 *
 * <p>It keeps its file system's block size to itself: told of blocks, Parquet would align row
 * groups to them, and the same rows would give different bytes on HDFS and on a local disk.
 */
final class HashingOutputFile implements OutputFile, Closeable {
  private final Configuration conf;
  private final Path path;
  private final MessageDigest digest;
  private long length;
  private Stream stream;

  HashingOutputFile(Configuration conf, Path path) {
    this.conf = conf;
    this.path = path;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Keeps what is written from now on back, until {@link #release}. */
  void hold() {
    stream.held = new ByteArrayOutputStream();
  }

  /** What was kept back. */
  byte[] held() {
    return stream.held.toByteArray();
  }

  /** Writes {@code bytes}, as many as were kept back, in their place, and ends the file. */
  void release(byte[] bytes) throws IOException {
    stream.held = null;
    length -= bytes.length;
    stream.write(bytes, 0, bytes.length);
    stream.out.close();
  }

  /** Bytes written so far. */
  long length() {
    return length;
  }

  /** Hash of the whole file; call once, after closing. */
  String sha256() {
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) throws IOException {
    stream = new Stream(LocalFiles.create(conf, path));
    return stream;
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    path.getFileSystem(conf).delete(path, false);
    return create(blockSizeHint);
  }

  @Override
  public boolean supportsBlockSize() {
    return false;
  }

  @Override
  public long defaultBlockSize() {
    return 0;
  }

  @Override
  public String getPath() {
    return path.toString();
  }

  /** Closes what a failed write may have left open; Parquet closes only files that it ends. */
  @Override
  public void close() throws IOException {
    if (stream != null) {
      stream.out.close();
    }
  }

  private final class Stream extends PositionOutputStream {
    private final OutputStream out;
    private ByteArrayOutputStream held;

    Stream(OutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() {
      return length;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      if (held != null) {
        held.write(bytes, offset, count);
      } else {
        out.write(bytes, offset, count);
        digest.update(bytes, offset, count);
      }
      length += count;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      if (held == null) {
        out.close();
      }
    }
  }
}
