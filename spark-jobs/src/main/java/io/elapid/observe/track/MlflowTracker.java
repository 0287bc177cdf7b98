package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a run to an MLflow server. What the server does not take is kept in the run's folder and
 * tried again, less and less often, until it does; what is left when the run ends is sent when the
 * same run is submitted again.
 */
final class MlflowTracker implements Tracker {
  private static final Logger LOG = LoggerFactory.getLogger(MlflowTracker.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration SLICE = Duration.ofMillis(500);

  private final MlflowSettings settings;
  private final Configuration conf;
  private final Path folder;
  private final Map<String, String> parameters;
  private final MlflowServer server;
  private MlflowSpool spool;
  private MlflowRun run;
  private Duration pause = Duration.ZERO;
  private long failedAt;
  private boolean refused;

  MlflowTracker(
      MlflowSettings settings, Configuration conf, Path folder, Map<String, String> parameters) {
    this.settings = settings;
    this.conf = conf;
    this.folder = folder;
    this.parameters = Map.copyOf(parameters);
    this.server = new MlflowServer(settings);
  }

  @Override
  public String name() {
    return "mlflow";
  }

  @Override
  public void accept(List<JsonNode> events, Ending ending) throws IOException {
    if (spool == null) {
      spool = new MlflowSpool(conf, folder, settings.spool());
    }
    for (JsonNode request : MlflowRequests.of(events, parameters)) {
      if (spool.size() > 0 || pausing() || !sent(request, ending)) {
        spool.add(request);
      }
    }
    // for a while only, so that new events do not pile up behind old ones
    long end = System.nanoTime() + SLICE.toNanos();
    while (spool.size() > 0 && !pausing() && !ending.begun() && System.nanoTime() < end) {
      retry(ending);
    }
  }

  private boolean pausing() {
    return System.nanoTime() - failedAt < pause.toNanos();
  }

  /** Sends the oldest; whether it went. */
  private boolean retry(Ending ending) throws IOException {
    Optional<JsonNode> first = spool.first();
    if (first.isPresent()) {
      if (!sent(first.get(), ending)) {
        return false;
      }
      spool.removeFirst();
    }
    return true;
  }

  /** Whether the server needs not be told again. */
  private boolean sent(JsonNode request, Ending ending) {
    try {
      if (run == null) {
        run = new MlflowRun(settings, conf, folder);
      }
      String id = run.id(server, ending);
      server.call(
          client -> {
            MlflowRequests.send(request, client, id);
            return id;
          },
          ending);
      if (!pause.isZero()) {
        LOG.info("{} takes metrics again", settings.address());
      }
      pause = Duration.ZERO;
      return true;
    } catch (MlflowRefusedException e) {
      if (!refused) {
        LOG.warn("mlflow: {}; left out, as all that it refuses", e.getMessage());
      }
      refused = true;
      return true;
    } catch (IOException e) {
      if (pause.isZero()) {
        LOG.warn("mlflow: {}; metrics are kept in {} until it does", e.getMessage(), folder);
      }
      failedAt = System.nanoTime();
      Duration longer = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      return false;
    }
  }

  @Override
  public void end(Ending ending) throws IOException {
    boolean going = pause.isZero();
    while (going && spool != null && spool.size() > 0 && !ending.left().isZero()) {
      going = retry(ending);
    }
    if (spool != null && spool.size() > 0) {
      LOG.warn(
          "mlflow: {} requests wait in {}; they are sent when the same run is submitted again",
          spool.size(),
          folder);
    }
    server.disconnect();
  }
}
