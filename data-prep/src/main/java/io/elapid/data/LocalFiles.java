package io.elapid.data;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Files of this machine among those of Hadoop, reached through the JDK. Hadoop's client of local
 * files keeps a second file of checksums beside each, copies what it reads and writes in small
 * pieces, and starts a process for each new file to set its permissions.
 */
public final class LocalFiles {
  /**
   * What a channel is given at once: it copies an array through memory as large, and keeps that.
   */
  private static final int PIECE = 128 << 10;

  private LocalFiles() {}

  /** The file of a path of Hadoop's local file system; empty for any other. */
  public static Optional<File> of(Configuration conf, Path path) throws IOException {
    FileSystem fs = plain(conf, path);
    // What is derived from it has a reason of its own.
    return fs.getClass() == RawLocalFileSystem.class
        ? Optional.of(((RawLocalFileSystem) fs).pathToFile(path))
        : Optional.empty();
  }

  /**
   * The file system of {@code path}, without Hadoop's checksums over local files: these forbid
   * appending, hold back from readers what has been written, and call damaged what others write
   * anew.
   */
  public static FileSystem plain(Configuration conf, Path path) throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    return fs instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : fs;
  }

  /**
   * Creates a file on any file system, and its folder where that is missing. On this machine it has
   * the permissions that the process gives its files and no file of checksums beside it.
   *
   * @throws IOException if it cannot be created, or is there already
   */
  public static OutputStream create(Configuration conf, Path path) throws IOException {
    Optional<File> local = of(conf, path);
    if (local.isEmpty()) {
      return path.getFileSystem(conf).create(path, false);
    }
    java.nio.file.Path file = local.get().toPath();
    // Asked first: the JDK will not take a link to a folder for the folder.
    if (!Files.isDirectory(file.getParent())) {
      Files.createDirectories(file.getParent());
    }
    return new Pieces(
        Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  private static final class Pieces extends OutputStream {
    private final OutputStream out;

    Pieces(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      for (int done = 0; done < count; done += PIECE) {
        out.write(bytes, offset + done, Math.min(PIECE, count - done));
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
