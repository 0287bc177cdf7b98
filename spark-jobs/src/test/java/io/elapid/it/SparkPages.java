package io.elapid.it;

import io.elapid.chaos.Program;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/** Spark's own pages as a browser gets them. */
final class SparkPages {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long PAUSE_MILLIS = 50;

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final String address;

  SparkPages(String address) {
    this.address = address;
  }

  /** A port that is free now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** A page's text; empty while there is none. */
  Optional<String> text(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE).build();
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * What the pages of a running application show.
   *
   * @param beans gauges that its driver's JVM has shown once
   */
  record Seen(Document tab, String metrics, String prometheus, Map<String, Object> beans) {
    Seen with(Map<String, Object> shown) {
      return new Seen(tab, metrics, prometheus, shown);
    }

    /** Updates done, as the tab says. */
    long step() {
      return Long.parseLong(tab.select("#elapid-training").attr("data-step"));
    }
  }

  /** Looks again and again until the program has ended; the last that showed steps. */
  Optional<Seen> watch(Program program, Duration limit) throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    Optional<Seen> last = Optional.empty();
    Map<String, Object> beans = Map.of();
    while (program.alive() && System.nanoTime() < end) {
      Optional<Seen> now = look().filter(seen -> seen.step() > 0);
      last = now.isPresent() ? now : last;
      if (last.isPresent() && beans.isEmpty()) {
        beans = DriverBeans.gauges(program.handle().pid());
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    Map<String, Object> shown = beans;
    return last.map(seen -> seen.with(shown));
  }

  private Optional<Seen> look() {
    Optional<String> tab = text("/training/");
    Optional<String> metrics = text("/metrics/json/");
    Optional<String> prometheus = text("/metrics/prometheus/");
    return tab.filter(page -> page.contains("elapid-training"))
        .flatMap(
            page ->
                metrics.flatMap(
                    m -> prometheus.map(p -> new Seen(Jsoup.parse(page), m, p, Map.of()))));
  }

  /** Starts a History Server that reads the event logs in {@code events}. */
  static Program historyServer(Path spark, Path jar, Path events, Path log) {
    return Program.start(
        log,
        Map.of(
            "SPARK_HOME",
            spark.toString(),
            "SPARK_LOCAL_IP",
            "127.0.0.1",
            "SPARK_DAEMON_MEMORY",
            "400m",
            "SPARK_DAEMON_JAVA_OPTS",
            "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            "SPARK_DAEMON_CLASSPATH",
            jar.toString(),
            "SPARK_HISTORY_OPTS",
            "-Dspark.history.ui.port=0 -Dspark.history.fs.logDirectory=" + events.toUri()),
        List.of(
            spark.resolve("bin/spark-class").toString(),
            "org.apache.spark.deploy.history.HistoryServer"));
  }
}
