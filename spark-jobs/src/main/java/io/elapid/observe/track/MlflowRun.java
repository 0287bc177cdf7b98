package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.observe.PlainFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;

/**
 * The run as MLflow knows it. Its id lies in {@code run.json}, so that all submissions of a run
 * become one run there; before it has an id, a tag tells whether a request to make it, whose answer
 * was lost, has made it.
 */
final class MlflowRun {
  private static final String TAG = "elapid.run";
  private static final JsonMapper JSON = new JsonMapper();

  private final MlflowSettings settings;
  private final FileSystem fs;
  private final Path file;
  private final ObjectNode known;

  MlflowRun(MlflowSettings settings, Configuration conf, Path folder) throws IOException {
    this.settings = settings;
    this.fs = PlainFiles.of(conf, folder);
    this.file = new Path(folder, "run.json");
    this.known = fs.exists(file) ? read() : JSON.createObjectNode();
    if (!known.path("server").asText().equals(settings.address())) {
      known.removeAll();
      known.put("server", settings.address()).put("tag", UUID.randomUUID().toString());
      write();
    }
  }

  private ObjectNode read() throws IOException {
    try (InputStream in = fs.open(file)) {
      JsonNode json = JSON.readTree(in);
      return json instanceof ObjectNode object ? object : JSON.createObjectNode();
    }
  }

  private void write() throws IOException {
    fs.mkdirs(file.getParent());
    try (OutputStream out = fs.create(file, true)) {
      out.write(JSON.writeValueAsBytes(known));
    }
  }

  /** Its id; the server is asked for one if need be. */
  String id(MlflowServer server, Ending ending) throws IOException {
    if (!known.has("id")) {
      try {
        known.put("id", server.call(this::open, ending));
      } catch (MlflowRefusedException e) {
        // without a run all would be lost, and who runs the server may change its mind
        throw new IOException(e.getMessage(), e);
      }
      write();
    }
    return known.path("id").asText();
  }

  private String open(MlflowClient client) {
    String experiment =
        client
            .getExperimentByName(settings.experiment())
            .map(found -> found.getExperimentId())
            .orElseGet(() -> client.createExperiment(settings.experiment()));
    String tag = known.path("tag").asText();
    return client
        .searchRuns(
            List.of(experiment), "tags.`%s` = '%s'".formatted(TAG, tag), ViewType.ACTIVE_ONLY, 1)
        .getItems()
        .stream()
        .findFirst()
        .map(found -> found.getInfo().getRunId())
        .orElseGet(() -> create(client, experiment, tag));
  }

  private String create(MlflowClient client, String experiment, String tag) {
    return client
        .createRun(
            CreateRun.newBuilder()
                .setExperimentId(experiment)
                .setStartTime(System.currentTimeMillis())
                .addTags(tag("mlflow.runName", settings.runName()))
                .addTags(tag("mlflow.source.name", "elapid"))
                .addTags(tag(TAG, tag))
                .build())
        .getRunId();
  }

  private static RunTag tag(String key, String value) {
    return RunTag.newBuilder().setKey(key).setValue(value).build();
  }
}
