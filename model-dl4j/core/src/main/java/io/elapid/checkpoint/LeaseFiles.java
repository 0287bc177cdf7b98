package io.elapid.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.data.InputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The leases of a run on disk: {@code epoch-000000003.json} names an owner, {@code
 * epoch-000000003.released} says that it is done. The highest number is the one that counts.
 */
final class LeaseFiles {
  private static final Pattern NAME = Pattern.compile("epoch-(\\d{9})\\.(json|released)");
  private static final JsonMapper JSON = new JsonMapper();

  private final FileSystem fs;
  private final Path folder;

  LeaseFiles(FileSystem fs, Path folder) {
    this.fs = fs;
    this.folder = folder;
  }

  /** The number of the newest lease; 0 if there has been none. */
  long newest() throws IOException {
    long newest = 0;
    for (FileStatus file : list()) {
      newest = Math.max(newest, number(file));
    }
    return newest;
  }

  /** Who holds a lease; empty while that is being written, or if it cannot be read. */
  Optional<LeaseOwner> owner(long epoch) {
    try (InputStream in = fs.open(claim(epoch))) {
      return Optional.ofNullable(JSON.readValue(in, LeaseOwner.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  boolean released(long epoch) throws IOException {
    return fs.exists(released(folder, epoch));
  }

  /** Changes with every sign of life; empty if the lease is gone. */
  Optional<Long> lastSign(long epoch) throws IOException {
    try {
      return Optional.of(fs.getFileStatus(claim(epoch)).getModificationTime());
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Takes a number; false if someone else has it. */
  boolean create(long epoch, LeaseOwner owner) throws IOException {
    if (!fs.mkdirs(folder)) {
      throw new InputException(
          folder + ": cannot be made", "choose an output folder in which files can be written");
    }
    byte[] json = JSON.writeValueAsBytes(owner);
    try (OutputStream out = exclusive(claim(epoch))) {
      out.write(json);
    } catch (IOException e) {
      if (lastSign(epoch).isPresent()) {
        return false;
      }
      throw e;
    }
    // object stores let the last writer win
    return owner(epoch).filter(owner::equals).isPresent();
  }

  /**
   * Hadoop's local file system looks first and then creates; the operating system does it in one
   * step.
   */
  private OutputStream exclusive(Path file) throws IOException {
    return fs instanceof LocalFileSystem local
        ? Files.newOutputStream(local.pathToFile(file).toPath(), StandardOpenOption.CREATE_NEW)
        : fs.create(file, false);
  }

  /** Gives a sign of life. */
  void touch(long epoch, LeaseOwner owner) throws IOException {
    long before = fs.getFileStatus(claim(epoch)).getModificationTime();
    fs.setTimes(claim(epoch), Math.max(before + 1, System.currentTimeMillis()), -1);
    if (fs.getFileStatus(claim(epoch)).getModificationTime() == before) {
      // object stores know no such call
      try (OutputStream out = fs.create(claim(epoch), true)) {
        out.write(JSON.writeValueAsBytes(owner));
      }
    }
  }

  void release(long epoch) throws IOException {
    fs.create(released(folder, epoch), true).close();
  }

  /** Deletes what older leases left. */
  void deleteBefore(long epoch) throws IOException {
    for (FileStatus file : list()) {
      if (number(file) > 0 && number(file) < epoch) {
        fs.delete(file.getPath(), false);
      }
    }
  }

  private Path claim(long epoch) {
    return new Path(folder, String.format(Locale.ROOT, "epoch-%09d.json", epoch));
  }

  private static Path released(Path folder, long epoch) {
    return new Path(folder, String.format(Locale.ROOT, "epoch-%09d.released", epoch));
  }

  private static long number(FileStatus file) {
    Matcher name = NAME.matcher(file.getPath().getName());
    return name.matches() ? Long.parseLong(name.group(1)) : 0;
  }

  private FileStatus[] list() throws IOException {
    try {
      return fs.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }
}
