package io.elapid.data.shard;

import io.elapid.data.LocalFiles;
import java.io.Closeable;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * The bytes of a file, as they lie on its storage.
 *
 * <p>Hadoop's stream of a local file copies everything twice, through memory that the C library
 * fetches from the system for every call, and takes longer to open than a picture takes to copy; a
 * channel reads straight into the buffer.
 */
sealed interface FileBytes extends Closeable {
  /** What is read at once where bytes are copied on the way: little enough for the cache. */
  int PIECE = 128 << 10;

  /**
   * Opens a file whose content has checksums of its own: those that Hadoop keeps beside local files
   * are left out. Those of HDFS are verified by its client.
   *
   * @throws java.io.FileNotFoundException if it is not there or closed to us
   */
  static FileBytes open(Configuration conf, Path file) throws IOException {
    Optional<File> local = LocalFiles.of(conf, file);
    return local.isPresent()
        ? new Local(file, channel(local.get()))
        : new Remote(file.getFileSystem(conf).open(file));
  }

  /** Opens a file; a checksum file beside it is heeded. */
  static FileBytes openChecked(Configuration conf, Path file) throws IOException {
    Optional<File> local = LocalFiles.of(conf, file);
    return local.isPresent() && !checksums(local.get()).exists()
        ? new Local(file, channel(local.get()))
        : new Remote(file.getFileSystem(conf).open(file));
  }

  private static File checksums(File file) {
    return new File(file.getParentFile(), "." + file.getName() + ".crc");
  }

  /** Opened in the old way, which tells folders from files. */
  private static FileChannel channel(File file) throws IOException {
    return new RandomAccessFile(file, "r").getChannel();
  }

  /**
   * Fills what remains of {@code into}.
   *
   * @throws EOFException if the file ends before
   */
  void read(long position, ByteBuffer into) throws IOException;

  /** A file on this machine. */
  record Local(Path file, FileChannel channel) implements FileBytes {
    @Override
    public void read(long position, ByteBuffer into) throws IOException {
      long at = position;
      int end = into.limit();
      while (into.position() < end) {
        // Into an array the channel copies from memory as large as the read, and keeps that.
        into.limit(into.isDirect() ? end : Math.min(end, into.position() + PIECE));
        int read = channel.read(into, at);
        if (read < 0) {
          throw new EOFException(file + " ends at byte " + at);
        }
        at += read;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** A file that a client fetches; most of them know nothing but arrays. */
  record Remote(FSDataInputStream in) implements FileBytes {
    @Override
    public void read(long position, ByteBuffer into) throws IOException {
      in.seek(position);
      if (into.hasArray()) {
        in.readFully(into.array(), into.arrayOffset() + into.position(), into.remaining());
        into.position(into.limit());
        return;
      }
      byte[] piece = new byte[Math.min(PIECE, into.remaining())];
      while (into.hasRemaining()) {
        int length = Math.min(piece.length, into.remaining());
        in.readFully(piece, 0, length);
        into.put(piece, 0, length);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
