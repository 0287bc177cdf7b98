package io.elapid.collective;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Two connected sockets. */
final class Loopback implements AutoCloseable {
  private final SocketChannel one;
  private final SocketChannel other;

  Loopback() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      one = SocketChannel.open(server.getLocalAddress());
      other = server.accept();
    }
  }

  SocketChannel one() {
    return one;
  }

  SocketChannel other() {
    return other;
  }

  @Override
  public void close() throws IOException {
    one.close();
    other.close();
  }
}
