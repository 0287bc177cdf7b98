package io.elapid.collective;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Two sockets with someone between them who reads everything, and changes it when told to. */
final class Wiretap implements AutoCloseable {
  private final Loopback near;
  private final Loopback far;
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private volatile boolean tampering;

  Wiretap() throws IOException {
    near = new Loopback();
    far = new Loopback();
    Mesh.daemon("wiretap-out", () -> copy(near.other(), far.one())).start();
    Mesh.daemon("wiretap-back", () -> copy(far.one(), near.other())).start();
  }

  SocketChannel one() {
    return near.one();
  }

  SocketChannel other() {
    return far.other();
  }

  /** From now on a bit of everything is turned round. */
  void tamper() {
    tampering = true;
  }

  boolean saw(byte[] marker) {
    return text(seen.toByteArray()).contains(text(marker));
  }

  int bytes() {
    return seen.size();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private void copy(SocketChannel from, SocketChannel to) {
    byte[] bytes = new byte[1 << 14];
    try {
      for (int count = from.read(ByteBuffer.wrap(bytes));
          count >= 0;
          count = from.read(ByteBuffer.wrap(bytes))) {
        synchronized (seen) {
          seen.write(bytes, 0, count);
        }
        if (tampering) {
          bytes[count / 2] ^= 1;
        }
        to.write(ByteBuffer.wrap(bytes, 0, count));
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // One end has closed; the other one hears of it.
      Link.close(from);
      Link.close(to);
    }
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
  }
}
