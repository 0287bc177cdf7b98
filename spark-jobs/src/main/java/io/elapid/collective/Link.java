package io.elapid.collective;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The connection to one peer: frames out by one thread, frames in by another. Owns the socket.
 *
 * @see Mesh
 */
final class Link implements AutoCloseable {
  private static final int DRAIN_BYTES = 1 << 16;

  private final Peer peer;
  private final Transport transport;
  private final ByteBuffer sendHeader = ByteBuffer.allocateDirect(Frame.HEADER_BYTES);
  private final ByteBuffer receiveHeader = ByteBuffer.allocateDirect(Frame.HEADER_BYTES);

  Link(Peer peer, Transport transport) {
    this.peer = peer;
    this.transport = transport;
  }

  Peer peer() {
    return peer;
  }

  /** Bytes written so far, headers included. */
  long sent() {
    return transport.sent();
  }

  /** Bytes read so far, headers included. */
  long received() {
    return transport.received();
  }

  void send(Frame frame, ByteBuffer payload) throws IOException {
    frame.encode(sendHeader);
    transport.write(sendHeader, payload);
  }

  Frame receive() throws IOException {
    receiveHeader.clear();
    receive(receiveHeader);
    return Frame.decode(receiveHeader.flip());
  }

  void receive(ByteBuffer payload) throws IOException {
    while (payload.hasRemaining()) {
      if (transport.read(payload) < 0) {
        throw new EOFException("closed the connection");
      }
    }
  }

  /** Says that nothing more will be sent, so that the peer reads what was and then an end. */
  void finishSending() throws IOException {
    transport.finishWriting();
  }

  /** Reads and forgets until the peer ends or the link is closed. */
  void drain() {
    ByteBuffer sink = ByteBuffer.allocate(DRAIN_BYTES);
    try {
      while (transport.read(sink.clear()) >= 0) {
        sink.clear();
      }
    } catch (IOException e) {
      // The end that was waited for.
    }
  }

  @Override
  public void close() {
    close(transport);
  }

  static void close(Closeable socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // Nothing is owed to this socket any more.
    }
  }
}
