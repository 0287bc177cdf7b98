package io.elapid.observe.track;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;

/**
 * Requests to an MLflow server, each with a deadline. MLflow's client has none of its own, so a
 * request that takes too long is left behind on its thread with its connections closed.
 */
final class MlflowServer {
  /** Answers that another try may change: too slow, too many, not allowed yet. */
  private static final Set<Integer> PASSING = Set.of(401, 403, 408, 425, 429);

  private static final int SERVER_ERROR = 500;
  private static final long SLICE_MILLIS = 20;

  private final MlflowSettings settings;
  private ExecutorService thread;
  private MlflowClient client;

  MlflowServer(MlflowSettings settings) {
    this.settings = settings;
  }

  /**
   * Returns what the server answers; empty if nobody wants to wait for it any longer.
   *
   * @param givenUp whether that is so
   * @throws IOException if it does not within the timeout, or answers with an error that may pass
   * @throws MlflowRefusedException if it will never take this request
   */
  <T> Optional<T> call(Function<MlflowClient, T> request, BooleanSupplier givenUp)
      throws IOException, MlflowRefusedException {
    connect();
    MlflowClient connected = client;
    Future<T> answer = thread.submit(() -> request.apply(connected));
    long end = System.nanoTime() + settings.timeout().toNanos();
    try {
      while (true) {
        try {
          return Optional.of(answer.get(SLICE_MILLIS, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
          if (System.nanoTime() > end) {
            disconnect();
            throw new IOException(settings.address() + " did not answer in time", e);
          }
          if (givenUp.getAsBoolean()) {
            disconnect();
            return Optional.empty();
          }
        }
      }
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    } catch (InterruptedException e) {
      disconnect();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private IOException failed(Throwable cause) throws MlflowRefusedException {
    if (cause instanceof MlflowHttpException http
        && http.getStatusCode() < SERVER_ERROR
        && !PASSING.contains(http.getStatusCode())) {
      throw new MlflowRefusedException(
          settings.address() + " refused: " + http.getMessage(), cause);
    }
    return new IOException(settings.address() + ": " + cause.getMessage(), cause);
  }

  private void connect() {
    if (client == null) {
      client = new MlflowClient(credentials());
      thread =
          Executors.newSingleThreadExecutor(
              body -> {
                Thread made = new Thread(body, "elapid-mlflow-request");
                made.setDaemon(true);
                return made;
              });
    }
  }

  private BasicMlflowHostCreds credentials() {
    String token = System.getenv("MLFLOW_TRACKING_TOKEN");
    String user = System.getenv("MLFLOW_TRACKING_USERNAME");
    if (token != null) {
      return new BasicMlflowHostCreds(settings.address(), token);
    }
    return user == null
        ? new BasicMlflowHostCreds(settings.address())
        : new BasicMlflowHostCreds(
            settings.address(), user, System.getenv("MLFLOW_TRACKING_PASSWORD"));
  }

  /** Lets go of a request that is still under way, and of all connections. */
  void disconnect() {
    if (client != null) {
      thread.shutdownNow();
      client.close();
      client = null;
    }
  }
}
