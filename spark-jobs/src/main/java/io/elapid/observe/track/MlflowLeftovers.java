package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What a run that has ended did not get rid of: its MLflow server was not there, or too slow. */
public final class MlflowLeftovers {
  private MlflowLeftovers() {}

  /**
   * What became of it.
   *
   * @param address of the server
   * @param sent requests that the server has taken now
   * @param refused requests that it will never take, and which are forgotten
   * @param left requests that still wait
   * @param problem why they do; empty if none is left
   */
  public record Outcome(String address, int sent, int refused, int left, String problem) {}

  /** Whether anything waits in the folder of a run. */
  public static boolean exist(Configuration conf, Path run) throws IOException {
    return new MlflowSpool(conf, Trackers.mlflow(run), Integer.MAX_VALUE).size() > 0;
  }

  /**
   * Sends what waits in the folder of a run to the server that the run was to tell, until all is
   * sent or a request fails. Nobody else may write into the folder meanwhile.
   *
   * @param timeout longest time for one request
   * @return empty if nothing waits
   */
  public static Optional<Outcome> send(Configuration conf, Path run, Duration timeout)
      throws IOException {
    Path folder = Trackers.mlflow(run);
    MlflowSpool spool = new MlflowSpool(conf, folder, Integer.MAX_VALUE);
    if (spool.size() == 0) {
      return Optional.empty();
    }
    MlflowSettings settings = MlflowRun.settings(conf, folder, timeout);
    int sent = 0;
    int refused = 0;
    String problem = "";
    try (MlflowSender sender = new MlflowSender(settings, conf, folder)) {
      for (Optional<JsonNode> next = spool.first(); next.isPresent(); next = spool.first()) {
        try {
          sender.send(next.get(), () -> false);
          sent++;
        } catch (MlflowRefusedException e) {
          refused++;
        }
        spool.removeFirst();
      }
    } catch (IOException e) {
      problem = e.getMessage();
    }
    return Optional.of(new Outcome(settings.address(), sent, refused, spool.size(), problem));
  }
}
