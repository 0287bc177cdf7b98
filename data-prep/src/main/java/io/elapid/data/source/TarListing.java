package io.elapid.data.source;

import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** Finds the members of a tar archive, which may itself lie inside a file, by its headers alone. */
final class TarListing {
  /**
   * A member.
   *
   * @param name as written in the archive
   * @param offset of its first byte in the file
   */
  record Member(String name, long offset, long length) {}

  private TarListing() {}

  /**
   * The plain files of the archive at [offset, offset + length) of {@code file}, in archive order.
   *
   * @throws InputException if it is no tar archive or is cut short
   */
  static List<Member> list(Configuration conf, Path file, long offset, long length)
      throws IOException {
    try (FSDataInputStream in = file.getFileSystem(conf).open(file);
        TarFile tar = new TarFile(new Range(in, offset, length), 10240, 512, "UTF-8", true)) {
      List<Member> members = new ArrayList<>();
      for (TarArchiveEntry entry : tar.getEntries()) {
        if (isPlainFile(entry)) {
          if (entry.getDataOffset() + entry.getSize() > length) {
            throw new IOException("it is cut short within " + entry.getName());
          }
          members.add(new Member(entry.getName(), offset + entry.getDataOffset(), entry.getSize()));
        }
      }
      return members;
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(
          "cannot list the archive "
              + file
              + (offset == 0 ? "" : " from byte " + offset)
              + ": "
              + e.getMessage(),
          "download or copy the archive again",
          e);
    }
  }

  private static boolean isPlainFile(TarArchiveEntry entry) {
    return entry.isFile()
        && !entry.isDirectory()
        && !entry.isSymbolicLink()
        && !entry.isLink()
        && !entry.isSparse();
  }

  /** A part of a file as a channel. */
  private static final class Range implements SeekableByteChannel {
    private final FSDataInputStream in;
    private final long offset;
    private final long length;
    private long position;

    Range(FSDataInputStream in, long offset, long length) {
      this.in = in;
      this.offset = offset;
      this.length = length;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      int wanted = (int) Math.min(target.remaining(), length - position);
      if (wanted <= 0) {
        return -1;
      }
      byte[] bytes = new byte[wanted];
      // Seeking forward over a picture stays within a storage block's stream; positioned reads
      // would
      // open the block anew for each of a million headers.
      if (in.getPos() != offset + position) {
        in.seek(offset + position);
      }
      in.readFully(bytes, 0, wanted);
      target.put(bytes);
      position += wanted;
      return wanted;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
      position = newPosition;
      return this;
    }

    @Override
    public long size() {
      return length;
    }

    @Override
    public int write(ByteBuffer source) {
      throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
