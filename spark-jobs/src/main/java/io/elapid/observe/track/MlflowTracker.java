package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.observe.ShellWords;
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
 * tried again, less and less often, until it does. A run waits for a server at its end, but not for
 * long: what is left then is sent by {@link MlflowLeftovers}, or by the next submission.
 */
final class MlflowTracker implements Tracker {
  private static final Logger LOG = LoggerFactory.getLogger(MlflowTracker.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration SLICE = Duration.ofMillis(500);

  /** The part of its time that a run waits for a server at its end. */
  private static final int END_SHARE = 100;

  /** What a server that has answered gets of short runs, too. */
  private static final Duration END_LEAST = Duration.ofMillis(200);

  private final MlflowSettings settings;
  private final Configuration conf;
  private final Path folder;
  private final Map<String, String> parameters;
  private final MlflowSender sender;
  private volatile MlflowSpool spool;
  private Duration pause = Duration.ZERO;
  private long failedAt;
  private boolean refused;
  private volatile boolean answering;

  MlflowTracker(
      MlflowSettings settings, Configuration conf, Path folder, Map<String, String> parameters) {
    this.settings = settings;
    this.conf = conf;
    this.folder = folder;
    this.parameters = Map.copyOf(parameters);
    this.sender = new MlflowSender(settings, conf, folder);
  }

  @Override
  public String name() {
    return "mlflow";
  }

  @Override
  public Duration patience(Duration run) {
    Duration share = run.dividedBy(END_SHARE);
    Duration least = answering ? END_LEAST : Duration.ZERO;
    Duration patience = share.compareTo(least) < 0 ? least : share;
    return patience.compareTo(settings.linger()) < 0 ? patience : settings.linger();
  }

  @Override
  public Optional<String> unfinished() {
    MlflowSpool kept = spool;
    return kept == null || kept.size() == 0
        ? Optional.empty()
        : Optional.of(
            "%d requests wait in %s; 'elapid runs %s --send' sends them, or the same run when it is submitted again"
                .formatted(kept.size(), folder, ShellWords.quoted(folder.getParent().toString())));
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
      if (!sender.send(request, ending::over)) {
        return false;
      }
      answering = true;
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
      answering = false;
      failedAt = System.nanoTime();
      Duration longer = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      return false;
    }
  }

  @Override
  public void end(Ending ending) throws IOException {
    boolean going = pause.isZero();
    while (going && spool != null && spool.size() > 0 && !ending.over()) {
      going = retry(ending);
    }
    sender.close();
  }
}
