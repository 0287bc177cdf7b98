package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Tells an MLflow server of one run, which it asks the server for when it needs it. */
final class MlflowSender implements AutoCloseable {
  private final MlflowSettings settings;
  private final Configuration conf;
  private final Path folder;
  private final MlflowServer server;
  private MlflowRun run;

  /**
   * @param folder in which the run's id lies
   */
  MlflowSender(MlflowSettings settings, Configuration conf, Path folder) {
    this.settings = settings;
    this.conf = conf;
    this.folder = folder;
    this.server = new MlflowServer(settings);
  }

  /**
   * Sends a request; whether the server has taken it before it was given up.
   *
   * @throws IOException if the server does not answer in time, or with an error that may pass
   * @throws MlflowRefusedException if it will never take this request
   */
  boolean send(JsonNode request, BooleanSupplier givenUp)
      throws IOException, MlflowRefusedException {
    if (run == null) {
      run = MlflowRun.open(settings, conf, folder);
    }
    Optional<String> id = run.id(server, givenUp);
    if (id.isEmpty()) {
      return false;
    }
    return server
        .call(
            client -> {
              MlflowRequests.send(request, client, id.get());
              return id.get();
            },
            givenUp)
        .isPresent();
  }

  /** Lets go of all connections. */
  @Override
  public void close() {
    server.disconnect();
  }
}
