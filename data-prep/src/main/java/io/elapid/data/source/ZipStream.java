package io.elapid.data.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;

/** One file of an archive, read from where it lies. Seeking back begins it anew. */
final class ZipStream extends FSInputStream {
  private static final int HEADER_BYTES = 30;
  private static final int SIGNATURE = 0x0403_4B50;
  private static final int BUFFER = 1 << 16;

  private final ZipMember member;
  private final FSDataInputStream archive;
  private final long data;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private InputStream content;
  private long at;
  private long wanted;

  /**
   * Opens the archive and reads the file's header.
   *
   * @throws ZipException if there is none
   */
  ZipStream(FileSystem fs, ZipMember member) throws IOException {
    this.member = member;
    this.archive = fs.open(member.archive());
    byte[] header = new byte[HEADER_BYTES];
    boolean read = false;
    try {
      archive.readFully(member.header(), header);
      read = true;
    } finally {
      if (!read) {
        archive.close();
      }
    }
    int signature = short16(header, 0) | short16(header, 2) << 16;
    if (signature != SIGNATURE) {
      archive.close();
      throw new ZipException(member.archive() + " has no file at byte " + member.header());
    }
    this.data = member.header() + HEADER_BYTES + short16(header, 26) + short16(header, 28);
    begin();
  }

  private static int short16(byte[] bytes, int at) {
    return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
  }

  private void begin() throws IOException {
    archive.seek(data);
    inflater.reset();
    crc.reset();
    InputStream stored = new Bounded();
    content = member.deflated() ? new InflaterInputStream(stored, inflater, BUFFER) : stored;
    at = 0;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (wanted >= member.length()) {
      return -1;
    }
    if (wanted < at) {
      begin();
    }
    byte[] skipped = new byte[(int) Math.min(BUFFER, wanted - at)];
    while (at < wanted) {
      next(skipped, 0, (int) Math.min(skipped.length, wanted - at));
    }
    int read = next(bytes, offset, (int) Math.min(length, member.length() - at));
    wanted = at;
    return read;
  }

  private int next(byte[] bytes, int offset, int length) throws IOException {
    int read = content.read(bytes, offset, length);
    if (read <= 0) {
      throw new EOFException("the archive " + member.archive() + " is cut short");
    }
    crc.update(bytes, offset, read);
    at += read;
    if (at == member.length() && crc.getValue() != member.crc()) {
      throw new ZipException(
          "a file of " + member.archive() + ", at byte " + member.header() + ", is damaged");
    }
    return read;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public void seek(long position) throws IOException {
    if (position < 0 || position > member.length()) {
      throw new EOFException("position " + position + " of " + member.length() + " bytes");
    }
    wanted = position;
  }

  @Override
  public long getPos() {
    return wanted;
  }

  @Override
  public boolean seekToNewSource(long target) {
    return false;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, member.length() - wanted);
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    archive.close();
  }

  /** What the file takes in the archive. */
  private final class Bounded extends InputStream {
    private long left = member.stored();

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = left == 0 ? -1 : archive.read(bytes, offset, (int) Math.min(length, left));
      left -= Math.max(0, read);
      return read;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }
  }
}
