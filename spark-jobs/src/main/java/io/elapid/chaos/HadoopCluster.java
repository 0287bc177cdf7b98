package io.elapid.chaos;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;

/** A NameNode and a DataNode, each a process of its own. */
public final class HadoopCluster implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);

  private final Path folder;
  private final String classPath;
  private final String uri;
  private final Program nameNode;
  private Program dataNode;
  private int starts;

  /**
   * Starts them and returns when they are there.
   *
   * @param folder for logs and blocks
   * @param libraries where HDFS and what it needs is
   */
  public HadoopCluster(Path folder, List<Path> libraries) throws IOException {
    this.folder = folder;
    StringBuilder path = new StringBuilder(folder.resolve("conf").toString());
    libraries.forEach(l -> path.append(':').append(l).append("/*"));
    this.classPath = path.toString();
    this.uri = "hdfs://127.0.0.1:" + freePort();
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
                Map.entry("dfs.heartbeat.interval", "1"),
                Map.entry("dfs.permissions.enabled", "false"))));
    try (Program format = daemon("format", "namenode.NameNode", "-format", "-nonInteractive")) {
      if (format.await(START) != 0) {
        throw format.failure("formatting the NameNode failed");
      }
    }
    this.nameNode = daemon("namenode", "namenode.NameNode");
    startDataNode();
  }

  private Program daemon(String name, String type, String... words) {
    String[] all = new String[words.length + 1];
    all[0] = "org.apache.hadoop.hdfs.server." + type;
    System.arraycopy(words, 0, all, 1, words.length);
    return Program.java(
        folder.resolve(name + ".log"),
        classPath,
        List.of(
            "-Xmx400m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dlog4j2.level=INFO",
            "-Djava.net.preferIPv4Stack=true"),
        Map.of("HADOOP_CONF_DIR", folder.resolve("conf").toString()),
        all);
  }

  void startDataNode() {
    starts++;
    dataNode = daemon("datanode-" + starts, "datanode.DataNode");
    dataNode.awaitOutput("successfully registered with NN", START);
  }

  /** It keeps its connections and answers nothing. */
  void pauseDataNode() {
    dataNode.signal("STOP");
  }

  void resumeDataNode() {
    dataNode.signal("CONT");
  }

  void killDataNode() {
    dataNode.killAll();
  }

  /** The file system's address, without a path. */
  public String uri() {
    return uri;
  }

  /** Settings of a client. */
  public Configuration configuration() {
    Configuration conf = new Configuration();
    conf.set("fs.defaultFS", uri);
    return conf;
  }

  /** Lets a folder hold no more bytes than it does; a negative number lifts that. */
  void spaceQuota(String path, long bytes) throws IOException {
    FileSystem files = FileSystem.get(URI.create(uri), configuration());
    ((DistributedFileSystem) files)
        .setQuota(
            new org.apache.hadoop.fs.Path(path),
            HdfsConstants.QUOTA_DONT_SET,
            bytes < 0 ? HdfsConstants.QUOTA_RESET : bytes);
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
