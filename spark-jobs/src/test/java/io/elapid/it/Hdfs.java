package io.elapid.it;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real NameNode and a real DataNode, each in a process of its own, on the loopback address. */
final class Hdfs implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final Path folder;
  private final String uri;
  private final Jvm nameNode;
  private final Jvm dataNode;

  Hdfs(Path folder) throws IOException {
    this.folder = folder;
    int port = freePort();
    this.uri = "hdfs://127.0.0.1:" + port;
    Files.createDirectories(folder.resolve("conf"));
    Files.writeString(folder.resolve("conf/core-site.xml"), site(Map.of("fs.defaultFS", uri)));
    Files.writeString(
        folder.resolve("conf/hdfs-site.xml"),
        site(
            Map.ofEntries(
                Map.entry("dfs.replication", "1"),
                Map.entry("dfs.namenode.name.dir", folder.resolve("name").toUri().toString()),
                Map.entry("dfs.datanode.data.dir", folder.resolve("data").toUri().toString()),
                Map.entry("dfs.namenode.http-address", "127.0.0.1:0"),
                Map.entry("dfs.datanode.address", "127.0.0.1:0"),
                Map.entry("dfs.datanode.http.address", "127.0.0.1:0"),
                Map.entry("dfs.datanode.ipc.address", "127.0.0.1:0"),
                Map.entry("dfs.namenode.safemode.extension", "0"),
                Map.entry("dfs.permissions.enabled", "false"))));
    try (Jvm format = daemon("format", "namenode.NameNode", "-format", "-nonInteractive")) {
      int exit = format.await(START);
      if (exit != 0) {
        throw new AssertionError("formatting the NameNode failed:\n" + format.output());
      }
    }
    nameNode = daemon("namenode", "namenode.NameNode");
    dataNode = daemon("datanode", "datanode.DataNode");
    dataNode.awaitOutput("successfully registered with NN", START);
  }

  private Jvm daemon(String name, String type, String... words) {
    String classPath = folder.resolve("conf") + ":" + System.getProperty("java.class.path");
    String[] all = new String[words.length + 1];
    all[0] = "org.apache.hadoop.hdfs.server." + type;
    System.arraycopy(words, 0, all, 1, words.length);
    return Jvm.java(
        folder.resolve(name + ".log"),
        classPath,
        List.of("-Xmx400m", "-Dlog4j2.level=INFO", "-Djava.net.preferIPv4Stack=true"),
        Map.of("HADOOP_CONF_DIR", folder.resolve("conf").toString()),
        all);
  }

  /** The file system's address, without a path. */
  String uri() {
    return uri;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static String site(Map<String, String> properties) {
    StringBuilder xml = new StringBuilder("<configuration>\n");
    properties.forEach(
        (name, value) ->
            xml.append(
                "  <property><name>%s</name><value>%s</value></property>%n"
                    .formatted(name, value)));
    return xml.append("</configuration>\n").toString();
  }

  @Override
  public void close() {
    dataNode.close();
    nameNode.close();
  }
}
