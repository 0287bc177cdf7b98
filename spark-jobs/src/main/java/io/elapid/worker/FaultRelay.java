package io.elapid.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Stands between a rank and its peers: passes bytes on, until its fault strikes. */
final class FaultRelay implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final Fault.Kind kind;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private volatile boolean struck;
  private volatile ServerSocket listener;

  FaultRelay(Fault.Kind kind) {
    this.kind = kind;
  }

  /** Starts to pass on what comes to the port that this returns. */
  int open(String host, int port) {
    try {
      ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName(host));
      listener = server;
      daemon(() -> acceptAll(server, host, port));
      return server.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void acceptAll(ServerSocket server, String host, int port) throws IOException {
    while (true) {
      Socket from = server.accept();
      Socket to = new Socket(host, port);
      sockets.add(from);
      sockets.add(to);
      daemon(() -> pass(from, to));
      daemon(() -> pass(to, from));
    }
  }

  private void pass(Socket from, Socket to) throws IOException, InterruptedException {
    byte[] chunk = new byte[CHUNK];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        if (struck && kind == Fault.Kind.DEAF) {
          never.await();
        }
        out.write(chunk, 0, count);
      }
    }
  }

  /** Does to every connection what the kind says. */
  void strike() {
    struck = true;
    for (Socket socket : sockets) {
      try {
        if (kind == Fault.Kind.GARBAGE) {
          byte[] garbage = new byte[CHUNK];
          new Random(1).nextBytes(garbage);
          socket.getOutputStream().write(garbage);
        } else if (kind == Fault.Kind.CUT) {
          socket.close();
        }
      } catch (IOException e) {
        // broken already
      }
    }
  }

  private interface Body {
    void run() throws IOException, InterruptedException;
  }

  private static void daemon(Body body) {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (IOException e) {
                // an end has closed
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "elapid-relay");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      if (listener != null) {
        listener.close();
      }
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
