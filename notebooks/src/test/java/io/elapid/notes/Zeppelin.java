package io.elapid.notes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.awaitility.Awaitility;

/** A Zeppelin server without a web page, on the loopback interface, until it is closed. */
final class Zeppelin implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration ANSWER = Duration.ofMinutes(4);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process process;
  private final String address;

  private Zeppelin(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts a server.
   *
   * @param home with its libraries in {@code lib}, interpreters in {@code interpreter}, and {@code
   *     bin/interpreter.sh}
   */
  static Zeppelin start(Path home) throws IOException {
    Path nothing = Files.createDirectories(home.resolve("nothing"));
    Path interpreters = home.resolve("interpreter");
    // Zeppelin lists this folder and finds the Scala half among the interpreter's own jars
    Files.createDirectories(interpreters.resolve("spark/scala-2.12"));
    settings(interpreters.resolve("spark"), "spark-interpreter", List.of("spark", "sql"));
    settings(interpreters.resolve("md"), "zeppelin-markdown", List.of("md"));
    int port = freePort();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx400m");
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    Map.of(
            "zeppelin.home", home,
            "zeppelin.server.addr", LOOPBACK,
            "zeppelin.server.port", port,
            "zeppelin.war", nothing,
            "zeppelin.angular.war", nothing,
            "zeppelin.notebook.dir", emptied(home.resolve("notebook")),
            "zeppelin.search.enable", false)
        .forEach((key, value) -> command.add("-D%s=%s".formatted(key, value)));
    String path =
        Files.createDirectories(home.resolve("conf")) + File.pathSeparator + home.resolve("lib/*");
    command.addAll(List.of("-cp", path, "org.apache.zeppelin.server.ZeppelinServer"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("server.log").toFile());
    builder.environment().put("ZEPPELIN_HOME", home.toString());
    builder.environment().put("ZEPPELIN_LOCAL_IP", LOOPBACK);
    builder.environment().put("SPARK_LOCAL_IP", LOOPBACK);
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    builder.environment().put("OMP_WAIT_POLICY", "passive");
    // without a name the server ends when its input does
    builder.environment().put("ZEPPELIN_IDENT_STRING", "notes");
    builder.environment().remove("SPARK_HOME");
    Zeppelin server = new Zeppelin(builder.start(), "http://%s:%d/api".formatted(LOOPBACK, port));
    Awaitility.await()
        .atMost(START)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .failFast("the server ended: see server.log", () -> !server.process.isAlive())
        .until(() -> server.get("/version").path("status").asText().equals("OK"));
    return server;
  }

  /** Of the interpreters that a jar describes, those wanted. */
  private static void settings(Path folder, String jar, List<String> wanted) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      Path found =
          files
              .filter(file -> file.getFileName().toString().startsWith(jar))
              .findFirst()
              .orElseThrow();
      try (JarFile contents = new JarFile(found.toFile());
          InputStream all =
              contents.getInputStream(contents.getEntry("interpreter-setting.json"))) {
        List<JsonNode> kept = new ArrayList<>();
        for (JsonNode one : JSON.readTree(all)) {
          if (wanted.contains(one.path("name").asText())) {
            kept.add(one);
          }
        }
        JSON.writeValue(folder.resolve("interpreter-setting.json").toFile(), kept);
      }
    }
  }

  /** A folder without what earlier runs have left in it. */
  static Path emptied(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return Files.createDirectories(folder);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Sets properties of the Spark interpreter, which gives every note a shell of its own. */
  void configureSpark(Map<String, String> properties) throws IOException {
    ObjectNode setting = (ObjectNode) get("/interpreter/setting/spark");
    ObjectNode all = (ObjectNode) setting.path("properties");
    properties.forEach(
        (name, value) ->
            all.putObject(name).put("name", name).put("value", value).put("type", "string"));
    ((ObjectNode) setting.path("option")).put("perNote", "scoped");
    setting.retain("option", "properties", "dependencies");
    call("PUT", "/interpreter/setting/spark", setting);
  }

  /** Adds a note and returns it as the server sees it. */
  JsonNode add(String path, JsonNode note) throws IOException {
    String id = call("POST", "/notebook/import?notePath=/" + path, note).asText();
    return get("/notebook/" + id);
  }

  /**
   * Runs a paragraph and returns its result: a code and messages.
   *
   * @param forms values of its forms by their names; the others have their defaults
   */
  JsonNode run(JsonNode note, JsonNode paragraph, Map<String, String> forms) throws IOException {
    return call(
        "POST",
        "/notebook/run/%s/%s".formatted(note.path("id").asText(), paragraph.path("id").asText()),
        JSON.createObjectNode().set("params", JSON.valueToTree(forms)));
  }

  private JsonNode get(String path) throws IOException {
    JsonNode answer = send(HttpRequest.newBuilder().GET(), path);
    return path.equals("/version") ? answer : answer.path("body");
  }

  private JsonNode call(String method, String path, JsonNode body) throws IOException {
    HttpRequest.BodyPublisher text = HttpRequest.BodyPublishers.ofString(body.toString());
    HttpRequest.Builder request =
        HttpRequest.newBuilder().method(method, text).header("Content-Type", "application/json");
    return send(request, path).path("body");
  }

  private JsonNode send(HttpRequest.Builder request, String path) throws IOException {
    try {
      HttpResponse<String> response =
          client.send(
              request.uri(URI.create(address + path)).timeout(ANSWER).build(),
              HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new IOException("%s: %d: %s".formatted(path, response.statusCode(), response.body()));
      }
      return JSON.readTree(response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Ends the server and the processes of its interpreters. */
  @Override
  public void close() {
    List<ProcessHandle> all = process.descendants().collect(Collectors.toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroy);
    for (ProcessHandle one : all) {
      try {
        one.onExit().get(10, TimeUnit.SECONDS);
      } catch (Exception e) {
        one.destroyForcibly();
      }
    }
  }
}
