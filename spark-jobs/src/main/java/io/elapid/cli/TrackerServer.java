package io.elapid.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What may stand where an MLflow server should, on this machine. */
enum TrackerServer {
  /** None is told. */
  NONE("no server"),
  /** Takes everything at once. */
  ANSWERING("answers at once"),
  /** Takes everything in its own time. */
  SLOW("answers after 2 s"),
  /** Nothing listens. */
  DOWN("is down"),
  /** Takes the connection and says nothing. */
  SILENT("never answers"),
  /** Answers each request with an error. */
  FAILING("answers 500");

  private static final int BACKLOG = 50;
  private static final Duration SLOWNESS = Duration.ofSeconds(2);

  private final String words;

  TrackerServer(String words) {
    this.words = words;
  }

  String words() {
    return words;
  }

  /** One that is there. */
  interface Running extends AutoCloseable {
    /** Where it is; empty if none is to be told. */
    Optional<String> address();

    @Override
    void close() throws IOException;
  }

  Running start() throws IOException {
    return switch (this) {
      case NONE -> running(Optional.empty(), () -> {});
      case DOWN -> {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
          port = socket.getLocalPort();
        }
        yield running(port, () -> {});
      }
      case SILENT -> {
        ServerSocket socket = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        yield running(socket.getLocalPort(), socket);
      }
      case ANSWERING -> serve(200, Duration.ZERO);
      case SLOW -> serve(200, SLOWNESS);
      case FAILING -> serve(500, Duration.ZERO);
    };
  }

  private static Running serve(int code, Duration delay) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    CountDownLatch closed = new CountDownLatch(1);
    server.createContext(
        "/",
        exchange -> {
          waitFor(closed, delay);
          answer(exchange, code);
        });
    server.start();
    return running(
        server.getAddress().getPort(),
        () -> {
          closed.countDown();
          server.stop(0);
        });
  }

  private static void waitFor(CountDownLatch closed, Duration delay) throws IOException {
    try {
      if (closed.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("closed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void answer(HttpExchange exchange, int code) throws IOException {
    exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    String text = "{}";
    if (path.endsWith("/experiments/get-by-name")) {
      text = "{\"experiment\":{\"experiment_id\":\"1\",\"name\":\"elapid\"}}";
    } else if (path.endsWith("/runs/create")) {
      text = "{\"run\":{\"info\":{\"run_id\":\"r\",\"run_uuid\":\"r\",\"experiment_id\":\"1\"}}}";
    }
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static Running running(int port, Closeable end) {
    return running(Optional.of("http://127.0.0.1:" + port), end);
  }

  private static Running running(Optional<String> address, Closeable end) {
    return new Running() {
      @Override
      public Optional<String> address() {
        return address;
      }

      @Override
      public void close() throws IOException {
        end.close();
      }
    };
  }
}
