package io.elapid.collective;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.PublicKey;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * The bytes through TLS. The engine lets one thread wrap while another unwraps; what arrives after
 * the handshake, such as new keys, is answered with the next message.
 */
final class TlsTransport implements Transport {
  /** Records that go into one call of the system. */
  private static final int RECORDS = 16;

  private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

  private final PlainTransport wire;
  private final SSLEngine engine;
  private final ByteBuffer outgoing;
  private final ByteBuffer incoming;
  private final ByteBuffer leftover;

  /** Takes over the socket; nothing passes before the {@link #handshake}. */
  TlsTransport(SocketChannel channel, SSLEngine engine) throws IOException {
    this.wire = new PlainTransport(channel);
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    this.outgoing = ByteBuffer.allocate(RECORDS * packet);
    this.incoming = ByteBuffer.allocate(RECORDS * packet).flip();
    this.leftover = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
  }

  /** Agrees on keys and lets each end see the other's. */
  void handshake() throws IOException {
    try {
      engine.beginHandshake();
      HandshakeStatus status = engine.getHandshakeStatus();
      while (status != HandshakeStatus.FINISHED && status != HandshakeStatus.NOT_HANDSHAKING) {
        status = proceed(status);
      }
    } catch (SSLException e) {
      sendAlert();
      throw new ProtocolException("does not agree on an encrypted channel: " + e.getMessage());
    }
  }

  private HandshakeStatus proceed(HandshakeStatus status) throws IOException {
    switch (status) {
      case NEED_WRAP -> {
        HandshakeStatus next = wrap(NOTHING).getHandshakeStatus();
        flush();
        return next;
      }
      case NEED_TASK -> {
        engine.getDelegatedTask().run();
        return engine.getHandshakeStatus();
      }
      default -> {
        leftover.clear();
        SSLEngineResult result = engine.unwrap(incoming, leftover);
        leftover.flip();
        if (result.getStatus() == Status.CLOSED
            || (result.getStatus() == Status.BUFFER_UNDERFLOW && !refill())) {
          throw new EOFException("closed the connection during the handshake");
        }
        return result.getHandshakeStatus();
      }
    }
  }

  /** Tells the other end why, if it still listens. */
  private void sendAlert() {
    try {
      wrap(NOTHING);
      flush();
    } catch (IOException e) {
      // The connection is given up anyway.
    }
  }

  /** The key that the other end has proved to hold. */
  PublicKey peerKey() throws IOException {
    return engine.getSession().getPeerCertificates()[0].getPublicKey();
  }

  private SSLEngineResult wrap(ByteBuffer... message) throws IOException {
    SSLEngineResult result = engine.wrap(message, outgoing);
    while (result.getStatus() == Status.BUFFER_OVERFLOW) {
      flush();
      result = engine.wrap(message, outgoing);
    }
    return result;
  }

  private void flush() throws IOException {
    wire.write(outgoing.flip());
    outgoing.clear();
  }

  @Override
  public void write(ByteBuffer... message) throws IOException {
    while (PlainTransport.remaining(message)) {
      if (wrap(message).getStatus() == Status.CLOSED) {
        throw new EOFException("closed the connection");
      }
    }
    flush();
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int start = target.position();
    while (target.position() == start) {
      if (leftover.hasRemaining()) {
        move(target);
      } else if (!unwrap(target)) {
        return -1;
      }
    }
    return target.position() - start;
  }

  private void move(ByteBuffer target) {
    int count = Math.min(target.remaining(), leftover.remaining());
    target.put(leftover.slice(leftover.position(), count));
    leftover.position(leftover.position() + count);
  }

  /** Takes a record, straight into the target if it has room for any; false at the end. */
  private boolean unwrap(ByteBuffer target) throws IOException {
    boolean roomy = target.remaining() >= leftover.capacity();
    ByteBuffer plain = roomy ? target : leftover.clear();
    SSLEngineResult result = engine.unwrap(incoming, plain);
    if (!roomy) {
      leftover.flip();
    }
    return switch (result.getStatus()) {
      case OK -> true;
      case CLOSED -> false;
      case BUFFER_UNDERFLOW -> refill();
      case BUFFER_OVERFLOW -> throw new SSLException("a record of more than the largest size");
    };
  }

  private boolean refill() throws IOException {
    incoming.compact();
    int count = wire.read(incoming);
    incoming.flip();
    return count >= 0;
  }

  @Override
  public void finishWriting() throws IOException {
    engine.closeOutbound();
    wrap(NOTHING);
    flush();
    wire.finishWriting();
  }

  @Override
  public long sent() {
    return wire.sent();
  }

  @Override
  public long received() {
    return wire.received();
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
