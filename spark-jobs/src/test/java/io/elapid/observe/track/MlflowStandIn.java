package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers as MLflow's REST interface does, or as a server in trouble. */
public final class MlflowStandIn implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String CREATE = "runs/create";

  /** How it is. */
  public enum Health {
    WELL,
    /** Answers every request with 500. */
    FAILING,
    /** Takes requests and does not answer. */
    SILENT,
    /** Answers every request after two seconds. */
    SLOW,
    /** Makes a run, and says so, after two seconds, and answers all else at once. */
    LATE,
    /** Does what is asked, but says that it has failed. */
    FORGETFUL,
    /** Stands behind a proxy that sends everyone to the page where one logs in. */
    REDIRECTED,
    /** Stands behind a proxy that answers with that page. */
    HIDDEN
  }

  private final HttpServer server;
  private final int port;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<JsonNode> received = new CopyOnWriteArrayList<>();
  private final List<JsonNode> created = new CopyOnWriteArrayList<>();
  private final List<JsonNode> updates = new CopyOnWriteArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Health health = Health.WELL;
  private volatile boolean experiment;

  public MlflowStandIn() throws IOException {
    this(0);
  }

  MlflowStandIn(int wanted) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
    server.createContext("/api/2.0/mlflow/", this::handle);
    server.setExecutor(threads);
    server.start();
    this.port = server.getAddress().getPort();
  }

  int port() {
    return port;
  }

  public String address() {
    return "http://127.0.0.1:" + port();
  }

  public void health(Health now) {
    health = now;
  }

  List<JsonNode> metrics() {
    return all("metrics");
  }

  List<JsonNode> params() {
    return all("params");
  }

  List<JsonNode> created() {
    return created;
  }

  /** How often it was asked for a run while it was late. */
  int asked() {
    return asked.get();
  }

  List<JsonNode> updates() {
    return updates;
  }

  private List<JsonNode> all(String field) {
    List<JsonNode> all = new CopyOnWriteArrayList<>();
    received.forEach(batch -> batch.path(field).forEach(all::add));
    return all;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring("/api/2.0/mlflow/".length());
    byte[] body = exchange.getRequestBody().readAllBytes();
    switch (health) {
      case WELL -> answer(exchange, path, body);
      case FAILING -> send(exchange, 500, "{\"error_code\":\"INTERNAL_ERROR\"}");
      case SILENT -> {
        pause(Duration.ofDays(1));
        exchange.close();
      }
      case SLOW -> {
        pause(Duration.ofSeconds(2));
        answer(exchange, path, body);
      }
      case LATE -> {
        if (path.equals(CREATE)) {
          asked.incrementAndGet();
          pause(Duration.ofSeconds(2));
        }
        answer(exchange, path, body);
      }
      case FORGETFUL -> {
        perform(path, body);
        send(exchange, 503, "{}");
      }
      case REDIRECTED -> {
        exchange.getResponseHeaders().add("Location", "/login");
        send(exchange, 302, "");
      }
      case HIDDEN -> send(exchange, 200, "<html>Please log in</html>");
    }
  }

  /** Waits so long, but for no one who is closed. */
  private void pause(Duration time) {
    try {
      closed.await(time.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange, String path, byte[] body) throws IOException {
    String answer = perform(path, body);
    send(exchange, answer.isEmpty() ? 404 : 200, answer.isEmpty() ? "{}" : answer);
  }

  /** The answer; empty for what does not exist. */
  private String perform(String path, byte[] body) throws IOException {
    JsonNode json = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    return switch (path) {
      case "experiments/get-by-name" ->
          experiment ? "{\"experiment\":{\"experiment_id\":\"7\"}}" : "";
      case "experiments/create" -> {
        experiment = true;
        yield "{\"experiment_id\":\"7\"}";
      }
      case "runs/search" ->
          created.isEmpty() ? "{}" : "{\"runs\":[{\"info\":{\"run_id\":\"r1\"}}]}";
      case CREATE -> {
        created.add(json);
        yield "{\"run\":{\"info\":{\"run_id\":\"r1\"}}}";
      }
      case "runs/log-batch" -> {
        received.add(json);
        yield "{}";
      }
      case "runs/update" -> {
        updates.add(json);
        yield "{}";
      }
      default -> "";
    };
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
