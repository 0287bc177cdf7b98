package io.elapid.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The directory at the end of a zip archive (APPNOTE 4.3.12 to 4.3.16), large archives too.
 *
 * <p>Read here and not by a library: those that find out where a file begins visit each file's own
 * header, which on remote storage takes a hundred thousand seeks.
 */
final class ZipDirectory {
  private static final int END = 0x0605_4B50;
  private static final int END_BYTES = 22;
  private static final int LARGE_END = 0x0606_4B50;
  private static final int LARGE_END_BYTES = 56;
  private static final int LOCATOR = 0x0706_4B50;
  private static final int LOCATOR_BYTES = 20;
  private static final int ENTRY = 0x0201_4B50;
  private static final int ENTRY_BYTES = 46;
  private static final int LONGEST_COMMENT = 0xFFFF;
  private static final long ELSEWHERE = 0xFFFF_FFFFL;
  private static final int LARGE_FIELDS = 1;
  private static final int ENCRYPTED = 1;
  private static final int UNIX = 3;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private final Path archive;
  private final long modified;
  private final ByteBuffer bytes;

  private ZipDirectory(Path archive, long modified, ByteBuffer bytes) {
    this.archive = archive;
    this.modified = modified;
    this.bytes = bytes;
  }

  /**
   * Tells every plain file's name and place.
   *
   * @throws IOException if it is no zip archive, is cut short, or holds what is not read
   */
  static void read(FileSystem fs, FileStatus archive, BiConsumer<String, ZipMember> out)
      throws IOException {
    try (FSDataInputStream in = fs.open(archive.getPath())) {
      ByteBuffer bytes = directory(in, archive.getLen());
      new ZipDirectory(archive.getPath(), archive.getModificationTime(), bytes).entries(out);
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("its directory is damaged", e);
    }
  }

  private static ByteBuffer directory(FSDataInputStream in, long length) throws IOException {
    int tail = (int) Math.min(length, END_BYTES + LONGEST_COMMENT);
    ByteBuffer end = range(in, length, length - tail, tail);
    int at = tail - END_BYTES;
    while (at >= 0 && end.getInt(at) != END) {
      at--;
    }
    if (at < 0) {
      throw new IOException("it is no zip archive or is cut short");
    }
    long size = end.getInt(at + 12) & ELSEWHERE;
    long offset = end.getInt(at + 16) & ELSEWHERE;
    long locator = length - tail + at - LOCATOR_BYTES;
    if ((size == ELSEWHERE || offset == ELSEWHERE) && locator >= 0) {
      ByteBuffer place = range(in, length, locator, LOCATOR_BYTES);
      if (place.getInt(0) == LOCATOR) {
        ByteBuffer large = range(in, length, place.getLong(8), LARGE_END_BYTES);
        if (large.getInt(0) != LARGE_END) {
          throw new IOException("its directory is damaged");
        }
        size = large.getLong(40);
        offset = large.getLong(48);
      }
    }
    return range(in, length, offset, size);
  }

  private static ByteBuffer range(FSDataInputStream in, long length, long offset, long size)
      throws IOException {
    if (offset < 0 || size < 0 || size > Integer.MAX_VALUE - 16 || offset > length - size) {
      throw new IOException("its directory is damaged");
    }
    byte[] bytes = new byte[(int) size];
    in.readFully(offset, bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void entries(BiConsumer<String, ZipMember> out) throws IOException {
    int at = 0;
    while (at + ENTRY_BYTES <= bytes.capacity() && bytes.getInt(at) == ENTRY) {
      int nameLength = bytes.getShort(at + 28) & 0xFFFF;
      int extraLength = bytes.getShort(at + 30) & 0xFFFF;
      int commentLength = bytes.getShort(at + 32) & 0xFFFF;
      String name = new String(bytes.array(), at + ENTRY_BYTES, nameLength, StandardCharsets.UTF_8);
      if (!name.endsWith("/") && !isLink(at)) {
        out.accept(name, member(at, name, at + ENTRY_BYTES + nameLength, extraLength));
      }
      at += ENTRY_BYTES + nameLength + extraLength + commentLength;
    }
    if (at != bytes.capacity()) {
      throw new IOException("its directory is damaged");
    }
  }

  private boolean isLink(int at) {
    int madeBy = bytes.get(at + 5);
    return madeBy == UNIX && (bytes.getInt(at + 38) >>> 16 & 0xF000) == 0xA000;
  }

  private ZipMember member(int at, String name, int extra, int extraLength) throws IOException {
    int method = bytes.getShort(at + 10) & 0xFFFF;
    boolean encrypted = (bytes.getShort(at + 8) & ENCRYPTED) != 0;
    if (encrypted || (method != STORED && method != DEFLATED)) {
      throw new IOException(
          encrypted ? name + " is encrypted" : name + " is compressed by method " + method);
    }
    // Numbers that have no room here stand, in this order, in an extra field.
    long[] numbers = {
      bytes.getInt(at + 24) & ELSEWHERE,
      bytes.getInt(at + 20) & ELSEWHERE,
      bytes.getInt(at + 42) & ELSEWHERE
    };
    int field = extra;
    while (field + 4 <= extra + extraLength) {
      if (bytes.getShort(field) == LARGE_FIELDS) {
        int next = field + 4;
        for (int i = 0; i < numbers.length; i++) {
          if (numbers[i] == ELSEWHERE) {
            numbers[i] = bytes.getLong(next);
            next += Long.BYTES;
          }
        }
      }
      field += 4 + (bytes.getShort(field + 2) & 0xFFFF);
    }
    return new ZipMember(
        archive,
        numbers[2],
        numbers[1],
        numbers[0],
        method == DEFLATED,
        bytes.getInt(at + 16) & ELSEWHERE,
        modified);
  }
}
