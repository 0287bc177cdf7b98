package io.elapid.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;

/** A file that is read from any place. */
interface RandomBytes {
  /** Size in bytes. */
  long length();

  /** Fills part of {@code target} with what stands at {@code position}. */
  void read(long position, byte[] target, int offset, int count) throws IOException;

  /** An open file, which stays open. */
  static RandomBytes of(FSDataInputStream in, long length) {
    return new RandomBytes() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public void read(long position, byte[] target, int offset, int count) throws IOException {
        in.readFully(position, target, offset, count);
      }
    };
  }

  /** A file in memory. */
  static RandomBytes of(byte[] file) {
    return new RandomBytes() {
      @Override
      public long length() {
        return file.length;
      }

      @Override
      public void read(long position, byte[] target, int offset, int count) throws IOException {
        if (position + count > file.length) {
          throw new EOFException();
        }
        System.arraycopy(file, (int) position, target, offset, count);
      }
    };
  }
}
