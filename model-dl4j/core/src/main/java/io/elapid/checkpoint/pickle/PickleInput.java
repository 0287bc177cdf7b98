package io.elapid.checkpoint.pickle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;

/** Bytes of a pickle, up to a limit. Multi-byte numbers are little-endian unless said otherwise. */
final class PickleInput {
  private static final int MAX_LINE_BYTES = 1000;

  private final InputStream in;
  private long left;

  PickleInput(InputStream in, long limit) {
    this.in = in;
    this.left = limit;
  }

  int unsignedByte() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw new PickleException("ends inside its pickle");
    }
    if (left-- <= 0) {
      throw new PickleException("has a pickle that is too long");
    }
    return value;
  }

  long number(int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) unsignedByte() << (Byte.SIZE * i);
    }
    return value;
  }

  int signedInt() throws IOException {
    return (int) number(Integer.BYTES);
  }

  double bigEndianDouble() throws IOException {
    return Double.longBitsToDouble(Long.reverseBytes(number(Long.BYTES)));
  }

  /** A whole number of any length; a Long where it fits. */
  Object longNumber(long length) throws IOException {
    byte[] bytes = bytes(length);
    for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
      byte swapped = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = swapped;
    }
    BigInteger value = bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  byte[] bytes(long length) throws IOException {
    if (length < 0 || length > left) {
      throw new PickleException("has a text or number that is longer than its pickle may be");
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new PickleException("ends inside its pickle");
    }
    left -= length;
    return bytes;
  }

  String text(long length) throws IOException {
    return new String(bytes(length), UTF_8);
  }

  /** Text up to a line feed, which is read but not returned. */
  String line() throws IOException {
    byte[] line = new byte[MAX_LINE_BYTES];
    for (int i = 0; i < MAX_LINE_BYTES; i++) {
      int next = unsignedByte();
      if (next == '\n') {
        return new String(line, 0, i, UTF_8);
      }
      line[i] = (byte) next;
    }
    throw new PickleException("has a name that does not end");
  }
}
