package io.elapid.observe.track;

import java.time.Duration;

/**
 * How a run is told to an MLflow server. Credentials come from the driver's environment, as with
 * MLflow's own clients: {@code MLFLOW_TRACKING_TOKEN}, or {@code MLFLOW_TRACKING_USERNAME} and
 * {@code MLFLOW_TRACKING_PASSWORD}.
 *
 * @param address of the server, such as http://mlflow:5000
 * @param experiment that the run belongs to; made if need be
 * @param runName what the run is called there
 * @param timeout longest time for one request
 * @param linger the longest that a run waits at its end for what has not been sent yet
 * @param spool requests that are kept on disk while the server does not take them
 */
public record MlflowSettings(
    String address,
    String experiment,
    String runName,
    Duration timeout,
    Duration linger,
    int spool) {}
