package io.elapid.checkpoint;

import io.elapid.checkpoint.pickle.PickleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads one file inside a zip file, exactly as long as the directory says, and checks its CRC. */
final class ZipEntryReader {
  private static final int CHUNK_BYTES = 1 << 16;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private final RandomBytes file;
  private final ZipDirectory.Entry entry;
  private final CRC32 crc = new CRC32();

  private ZipEntryReader(RandomBytes file, ZipDirectory.Entry entry) {
    this.file = file;
    this.entry = entry;
  }

  /** The entry's content in direct memory; the caller has checked that its size is acceptable. */
  static ByteBuffer read(RandomBytes file, ZipDirectory.Entry entry) throws IOException {
    return new ZipEntryReader(file, entry).content();
  }

  private ByteBuffer content() throws IOException {
    long begin = begin();
    if (entry.encrypted() || (entry.method() != STORED && entry.method() != DEFLATED)) {
      throw problem("is encrypted or compressed by an unknown method");
    }
    if (entry.method() == STORED && entry.compressed() != entry.size()) {
      throw problem("has two different sizes");
    }
    ByteBuffer content =
        ByteBuffer.allocateDirect((int) entry.size()).order(ByteOrder.nativeOrder());
    if (entry.method() == STORED) {
      copy(begin, content);
    } else {
      inflate(begin, content);
    }
    if (content.hasRemaining() || (int) crc.getValue() != entry.crc()) {
      throw problem("is damaged: its CRC is not the directory's");
    }
    return content.flip();
  }

  private long begin() throws IOException {
    if (entry.at() > file.length() - ZipDirectory.LOCAL_HEADER_BYTES) {
      throw problem("has no header");
    }
    ByteBuffer header = ZipDirectory.bytes(file, entry.at(), ZipDirectory.LOCAL_HEADER_BYTES);
    if (header.getInt(0) != ZipDirectory.LOCAL_SIGNATURE) {
      throw problem("has no header");
    }
    long begin =
        entry.at()
            + ZipDirectory.LOCAL_HEADER_BYTES
            + (header.getShort(26) & 0xffff)
            + (header.getShort(28) & 0xffff);
    if (begin > file.length() - entry.compressed()) {
      throw problem("runs past the end of the file");
    }
    return begin;
  }

  private void copy(long begin, ByteBuffer content) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    long position = begin;
    while (content.hasRemaining()) {
      int count = Math.min(chunk.length, content.remaining());
      file.read(position, chunk, 0, count);
      position += count;
      put(content, chunk, count);
    }
  }

  private void inflate(long begin, ByteBuffer content) throws IOException {
    RandomBytesStream in = new RandomBytesStream(file, begin, begin + entry.compressed());
    byte[] packed = new byte[CHUNK_BYTES];
    byte[] chunk = new byte[CHUNK_BYTES];
    Inflater inflater = new Inflater(true);
    try {
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          int count = in.read(packed, 0, packed.length);
          if (count < 0) {
            throw problem("ends early");
          }
          inflater.setInput(packed, 0, count);
        }
        int count = inflater.inflate(chunk);
        if (count > content.remaining() || inflater.needsDictionary()) {
          throw problem("is longer than the directory says");
        }
        put(content, chunk, count);
      }
    } catch (DataFormatException e) {
      throw problem("is not compressed data");
    } finally {
      inflater.end();
    }
  }

  private void put(ByteBuffer content, byte[] chunk, int count) {
    crc.update(chunk, 0, count);
    content.put(chunk, 0, count);
  }

  private PickleException problem(String text) {
    return new PickleException("has a zip entry %s that %s".formatted(entry.name(), text));
  }
}
