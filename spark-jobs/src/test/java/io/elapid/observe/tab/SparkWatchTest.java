package io.elapid.observe.tab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A run in the pages and metrics of a real Spark application, and what another Spark costs. */
final class SparkWatchTest {
  private static final JsonMapper JSON = new JsonMapper();

  private final SparkContext spark =
      new SparkContext(
          new SparkConf(false)
              .setMaster("local[1]")
              .setAppName("tab")
              .set("spark.driver.host", "127.0.0.1")
              .set("spark.driver.bindAddress", "127.0.0.1")
              .set("spark.ui.port", "0"));

  @AfterEach
  void stop() {
    spark.stop();
  }

  @Test
  void theLastRunOfAnApplicationHasItsTabAndGauges() throws IOException {
    SparkWatch.open(spark).accept(run("first"));
    SparkWatch watch = SparkWatch.open(spark);
    watch.accept(run("second"));

    assertThat(get("/training/")).contains("<b>second</b>").doesNotContain("<b>first</b>");
    assertThat(get("/jobs/").split("/training/\"", -1)).as("one tab").hasSize(2);
    watch.accept(json("{\"event\":\"start\",\"ranks\":4,\"step\":7}"));
    JsonNode gauges = JSON.readTree(get("/metrics/json/")).path("gauges");
    assertThat(gauges.path(spark.applicationId() + ".driver.elapid.step").path("value").asDouble())
        .isEqualTo(7);
    assertThat(SparkEnv.get().metricsSystem().getSourcesByName("elapid").size()).isEqualTo(1);
  }

  @Test
  void anotherSparkLosesTheTabAndNothingElse() throws IOException {
    SparkWatch watch = SparkWatch.open(spark, "4.0.1");
    watch.accept(run("first"));

    assertThat(get("/jobs/")).doesNotContain("/training/");
    assertThat(SparkEnv.get().metricsSystem().getSourcesByName("elapid").size()).isZero();
  }

  private String get(String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(spark.uiWebUrl().get() + path).toURL().openConnection();
    connection.setReadTimeout(20_000);
    return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static JsonNode run(String name) throws IOException {
    return json("{\"event\":\"run\",\"name\":\"%s\"}".formatted(name));
  }

  private static JsonNode json(String text) throws IOException {
    return JSON.readTree(text);
  }
}
