package io.elapid.observe.track;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.data.LocalFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run as MLflow knows it. Its id lies in {@code run.json}, so that all submissions of a run
 * become one run there; before it has an id, a tag tells whether a request to make it, whose answer
 * was lost, has made it. MLflow makes two runs of two such requests, so there is no second one
 * while the server may still be at the first. The file also says whom to tell, for who sends what
 * the run has left.
 */
final class MlflowRun {
  private static final String TAG = "elapid.run";

  /** When the server was asked to make the run, in milliseconds, if its answer is not known. */
  private static final String ASKED = "asked";

  /** In timeouts: after so long it makes no run any more that it was asked to make. */
  private static final int SETTLED = 10;

  /** What a proxy says of a server that it has asked and has not heard from. */
  private static final Set<Integer> UNHEARD = Set.of(502, 504);

  private static final Logger LOG = LoggerFactory.getLogger(MlflowRun.class);
  private static final JsonMapper JSON = new JsonMapper();

  private final MlflowSettings settings;
  private final FileSystem fs;
  private final Path file;
  private final ObjectNode known;

  private MlflowRun(MlflowSettings settings, FileSystem fs, Path file, ObjectNode known) {
    this.settings = settings;
    this.fs = fs;
    this.file = file;
    this.known = known;
  }

  /** The run that {@code folder} belongs to, as these settings call it. */
  static MlflowRun open(MlflowSettings settings, Configuration conf, Path folder)
      throws IOException {
    FileSystem fs = LocalFiles.plain(conf, folder);
    Path file = file(folder);
    ObjectNode known = read(fs, file);
    ObjectNode before = known.deepCopy();
    if (!known.path("server").asText().equals(settings.address())) {
      known.removeAll();
      known.put("server", settings.address()).put("tag", UUID.randomUUID().toString());
    }
    known.put("experiment", settings.experiment()).put("name", settings.runName());
    MlflowRun run = new MlflowRun(settings, fs, file, known);
    if (!known.equals(before)) {
      run.write();
    }
    return run;
  }

  /**
   * Whom the run that {@code folder} belongs to was to tell.
   *
   * @throws IOException if the folder does not say
   */
  static MlflowSettings settings(Configuration conf, Path folder, Duration timeout)
      throws IOException {
    Path file = file(folder);
    JsonNode known = read(LocalFiles.plain(conf, folder), file);
    for (String field : List.of("server", "experiment", "name")) {
      if (!known.path(field).isTextual()) {
        throw new IOException("%s has no '%s'".formatted(file, field));
      }
    }
    return new MlflowSettings(
        known.path("server").asText(),
        known.path("experiment").asText(),
        known.path("name").asText(),
        timeout,
        Duration.ZERO,
        Integer.MAX_VALUE);
  }

  private static Path file(Path folder) {
    return new Path(folder, "run.json");
  }

  private static ObjectNode read(FileSystem fs, Path file) throws IOException {
    if (!fs.exists(file)) {
      return JSON.createObjectNode();
    }
    try (InputStream in = fs.open(file)) {
      JsonNode json = JSON.readTree(in);
      return json instanceof ObjectNode object ? object : JSON.createObjectNode();
    } catch (JacksonException e) { // what a full disk leaves of it
      LOG.warn("{} is damaged and counts as missing: {}", file, e.getOriginalMessage());
      return JSON.createObjectNode();
    }
  }

  private void write() throws IOException {
    fs.mkdirs(file.getParent());
    try (OutputStream out = fs.create(file, true)) {
      out.write(JSON.writeValueAsBytes(known));
    }
  }

  /** Its id; the server is asked for one if need be. Empty if that was given up. */
  Optional<String> id(MlflowServer server, BooleanSupplier givenUp) throws IOException {
    if (!known.has("id")) {
      try {
        Optional<String> found = findOrCreate(server, givenUp);
        if (found.isEmpty()) {
          return found;
        }
        known.put("id", found.get());
        known.remove(ASKED);
      } catch (MlflowRefusedException e) {
        // without a run all would be lost, and who runs the server may change its mind
        throw new IOException(e.getMessage(), e);
      }
      write();
    }
    return Optional.of(known.path("id").asText());
  }

  private Optional<String> findOrCreate(MlflowServer server, BooleanSupplier givenUp)
      throws IOException, MlflowRefusedException {
    Optional<String> experiment = server.call(this::experiment, givenUp);
    if (experiment.isEmpty()) {
      return experiment;
    }
    Optional<List<String>> found = server.call(client -> find(client, experiment.get()), givenUp);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return found.get().isEmpty()
        ? create(server, experiment.get(), givenUp)
        : Optional.of(found.get().get(0));
  }

  private String experiment(MlflowClient client) {
    return client
        .getExperimentByName(settings.experiment())
        .map(found -> found.getExperimentId())
        .orElseGet(() -> client.createExperiment(settings.experiment()));
  }

  private List<String> find(MlflowClient client, String experiment) {
    String filter = "tags.`%s` = '%s'".formatted(TAG, known.path("tag").asText());
    return client
        .searchRuns(List.of(experiment), filter, ViewType.ACTIVE_ONLY, 1)
        .getItems()
        .stream()
        .map(found -> found.getInfo().getRunId())
        .toList();
  }

  private Optional<String> create(MlflowServer server, String experiment, BooleanSupplier givenUp)
      throws IOException, MlflowRefusedException {
    long now = System.currentTimeMillis();
    long since = now - known.path(ASKED).asLong();
    if (since >= 0 && since < settings.timeout().multipliedBy(SETTLED).toMillis()) {
      throw new IOException(settings.address() + " was asked for a run and has not made it yet");
    }
    known.put(ASKED, now);
    write();
    try {
      return server.call(client -> create(client, experiment), givenUp);
    } catch (IOException | MlflowRefusedException e) {
      if (e.getCause() instanceof MlflowHttpException answer
          && !UNHEARD.contains(answer.getStatusCode())) {
        known.remove(ASKED);
        write();
      }
      throw e;
    }
  }

  private String create(MlflowClient client, String experiment) {
    return client
        .createRun(
            CreateRun.newBuilder()
                .setExperimentId(experiment)
                .setStartTime(System.currentTimeMillis())
                .addTags(tag("mlflow.runName", settings.runName()))
                .addTags(tag("mlflow.source.name", "elapid"))
                .addTags(tag(TAG, known.path("tag").asText()))
                .build())
        .getRunId();
  }

  private static RunTag tag(String key, String value) {
    return RunTag.newBuilder().setKey(key).setValue(value).build();
  }
}
