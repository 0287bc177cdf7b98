package io.elapid.collective;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;

/** The bytes as they are. Owns the socket. */
final class PlainTransport implements Transport {
  private final SocketChannel channel;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  PlainTransport(SocketChannel channel) throws IOException {
    this.channel = channel;
    // Buffer sizes are left to the kernel: naming one switches its growth with the path off.
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
  }

  @Override
  public void write(ByteBuffer... message) throws IOException {
    while (remaining(message)) {
      sent.addAndGet(channel.write(message));
    }
  }

  static boolean remaining(ByteBuffer... message) {
    for (ByteBuffer buffer : message) {
      if (buffer.hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int count = channel.read(target);
    received.addAndGet(Math.max(0, count));
    return count;
  }

  @Override
  public void finishWriting() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public long sent() {
    return sent.get();
  }

  @Override
  public long received() {
    return received.get();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
