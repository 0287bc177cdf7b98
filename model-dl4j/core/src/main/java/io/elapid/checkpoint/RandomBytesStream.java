package io.elapid.checkpoint;

import java.io.IOException;
import java.io.InputStream;

/** A part of a file as a stream that knows where it is. */
final class RandomBytesStream extends InputStream {
  private static final int BUFFER_BYTES = 1 << 16;

  private final RandomBytes file;
  private final long end;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long position;
  private int next;
  private int limit;

  RandomBytesStream(RandomBytes file, long begin, long end) {
    this.file = file;
    this.position = begin;
    this.end = end;
  }

  /** Place in the file of the byte that is read next. */
  long position() {
    return position - (limit - next);
  }

  @Override
  public int read() throws IOException {
    return next < limit || fill() ? buffer[next++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (next == limit && !fill()) {
      return -1;
    }
    int count = Math.min(length, limit - next);
    System.arraycopy(buffer, next, target, offset, count);
    next += count;
    return count;
  }

  private boolean fill() throws IOException {
    int count = (int) Math.min(BUFFER_BYTES, end - position);
    if (count <= 0) {
      return false;
    }
    file.read(position, buffer, 0, count);
    position += count;
    next = 0;
    limit = count;
    return true;
  }
}
