package io.elapid.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.elapid.checkpoint.pickle.PickleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The directory at the end of a zip file, ZIP64 included, checked against the file's size.
 *
 * <p>The JDK's readers need a local file, or refuse stored entries whose sizes come after them, as
 * PyTorch writes.
 */
final class ZipDirectory {
  static final int LOCAL_HEADER_BYTES = 30;
  static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int END_BYTES = 22;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int LOCATOR_BYTES = 20;
  private static final int LOCATOR_SIGNATURE = 0x07064b50;
  private static final int END64_BYTES = 56;
  private static final int END64_SIGNATURE = 0x06064b50;
  private static final int ENTRY_BYTES = 46;
  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int MAX_DIRECTORY_BYTES = 64 << 20;
  private static final long IN_EXTRA = 0xffffffffL;
  private static final int ZIP64_EXTRA = 1;

  /** One file inside; compressed with {@code method}, 0 stored or 8 deflated. */
  record Entry(
      String name, int method, boolean encrypted, int crc, long compressed, long size, long at) {}

  private record Place(long begin, long length) {}

  private ZipDirectory() {}

  /** Entries by name, in the order of the directory. */
  static Map<String, Entry> read(RandomBytes file) throws IOException {
    Place place = place(file);
    if (place.begin() < 0 || place.length() < 0 || place.begin() > file.length() - place.length()) {
      throw new PickleException("has a zip directory outside the file");
    }
    if (place.length() > MAX_DIRECTORY_BYTES) {
      throw new PickleException("has a zip directory of %d bytes".formatted(place.length()));
    }
    ByteBuffer directory = bytes(file, place.begin(), (int) place.length());
    Map<String, Entry> entries = new LinkedHashMap<>();
    while (directory.remaining() >= ENTRY_BYTES) {
      Entry entry = entry(directory);
      if (entry.at() < 0
          || entry.compressed() < 0
          || entry.at() > place.begin() - entry.compressed()) {
        throw new PickleException("has a zip entry outside the file: " + entry.name());
      }
      if (entries.put(entry.name(), entry) != null) {
        throw new PickleException("has two zip entries of the name " + entry.name());
      }
    }
    return entries;
  }

  private static Place place(RandomBytes file) throws IOException {
    long tail = Math.min(file.length(), END_BYTES + MAX_COMMENT_BYTES);
    ByteBuffer bytes = bytes(file, file.length() - tail, (int) tail);
    for (int i = (int) tail - END_BYTES; i >= 0; i--) {
      if (bytes.getInt(i) == END_SIGNATURE) {
        Place place = new Place(unsigned(bytes.getInt(i + 16)), unsigned(bytes.getInt(i + 12)));
        return zip64(file, file.length() - tail + i, place);
      }
    }
    throw new PickleException("has no zip directory: it is cut off or not a zip file");
  }

  private static Place zip64(RandomBytes file, long end, Place place) throws IOException {
    if (end < LOCATOR_BYTES || (place.begin() != IN_EXTRA && place.length() != IN_EXTRA)) {
      return place;
    }
    ByteBuffer locator = bytes(file, end - LOCATOR_BYTES, LOCATOR_BYTES);
    long at = locator.getLong(8);
    if (locator.getInt(0) != LOCATOR_SIGNATURE || at < 0 || at > file.length() - END64_BYTES) {
      throw new PickleException("has a zip directory outside the file");
    }
    ByteBuffer end64 = bytes(file, at, END64_BYTES);
    if (end64.getInt(0) != END64_SIGNATURE) {
      throw new PickleException("has a damaged zip directory");
    }
    return new Place(end64.getLong(48), end64.getLong(40));
  }

  private static Entry entry(ByteBuffer directory) {
    int start = directory.position();
    if (directory.getInt(start) != ENTRY_SIGNATURE) {
      throw new PickleException("has a damaged zip directory");
    }
    int nameLength = directory.getShort(start + 28) & 0xffff;
    int extraLength = directory.getShort(start + 30) & 0xffff;
    int commentLength = directory.getShort(start + 32) & 0xffff;
    int length = ENTRY_BYTES + nameLength + extraLength + commentLength;
    if (length > directory.remaining()) {
      throw new PickleException("has a damaged zip directory");
    }
    byte[] name = new byte[nameLength];
    directory.get(start + ENTRY_BYTES, name);
    long[] wide = {
      unsigned(directory.getInt(start + 24)),
      unsigned(directory.getInt(start + 20)),
      unsigned(directory.getInt(start + 42))
    };
    widen(directory.slice(start + ENTRY_BYTES + nameLength, extraLength), wide);
    directory.position(start + length);
    return new Entry(
        new String(name, UTF_8),
        directory.getShort(start + 10),
        (directory.getShort(start + 8) & 1) != 0,
        directory.getInt(start + 16),
        wide[1],
        wide[0],
        wide[2]);
  }

  /** Replaces size, compressed size and place, as far as they stand in the extra field. */
  private static void widen(ByteBuffer extra, long[] wide) {
    extra.order(ByteOrder.LITTLE_ENDIAN);
    while (extra.remaining() >= 4) {
      int id = extra.getShort() & 0xffff;
      int length = Math.min(extra.getShort() & 0xffff, extra.remaining());
      int next = extra.position() + length;
      for (int i = 0; id == ZIP64_EXTRA && i < wide.length; i++) {
        if (wide[i] == IN_EXTRA && next - extra.position() >= Long.BYTES) {
          wide[i] = extra.getLong();
        }
      }
      extra.position(next);
    }
  }

  static ByteBuffer bytes(RandomBytes file, long position, int count) throws IOException {
    byte[] bytes = new byte[count];
    file.read(position, bytes, 0, count);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long unsigned(int value) {
    return value & IN_EXTRA;
  }
}
