package io.elapid.collective;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The connection to one peer: frames out by one thread, frames in by another. Owns the socket.
 *
 * @see Mesh
 */
final class Link implements AutoCloseable {
  private static final int DRAIN_BYTES = 1 << 16;

  private final Peer peer;
  private final SocketChannel channel;
  private final ByteBuffer sendHeader = ByteBuffer.allocateDirect(Frame.HEADER_BYTES);
  private final ByteBuffer receiveHeader = ByteBuffer.allocateDirect(Frame.HEADER_BYTES);
  private final ByteBuffer[] message = new ByteBuffer[2];
  private final AtomicLong sent = new AtomicLong();

  Link(Peer peer, SocketChannel channel) throws IOException {
    this.peer = peer;
    this.channel = channel;
    // Buffer sizes are left to the kernel: naming one switches its growth with the path off.
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
  }

  Peer peer() {
    return peer;
  }

  /** Bytes written so far, headers included. */
  long sent() {
    return sent.get();
  }

  void send(Frame frame, ByteBuffer payload) throws IOException {
    frame.encode(sendHeader);
    message[0] = sendHeader;
    message[1] = payload;
    while (sendHeader.hasRemaining() || payload.hasRemaining()) {
      sent.addAndGet(channel.write(message));
    }
  }

  Frame receive() throws IOException {
    receiveHeader.clear();
    receive(receiveHeader);
    return Frame.decode(receiveHeader.flip());
  }

  void receive(ByteBuffer payload) throws IOException {
    while (payload.hasRemaining()) {
      if (channel.read(payload) < 0) {
        throw new EOFException("closed the connection");
      }
    }
  }

  /** Says that nothing more will be sent, so that the peer reads what was and then an end. */
  void finishSending() throws IOException {
    channel.shutdownOutput();
  }

  /** Reads and forgets until the peer ends or the link is closed. */
  void drain() {
    ByteBuffer sink = ByteBuffer.allocate(DRAIN_BYTES);
    try {
      while (channel.read(sink.clear()) >= 0) {
        sink.clear();
      }
    } catch (IOException e) {
      // The end that was waited for.
    }
  }

  @Override
  public void close() {
    close(channel);
  }

  static void close(SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // Nothing is owed to this socket any more.
    }
  }
}
