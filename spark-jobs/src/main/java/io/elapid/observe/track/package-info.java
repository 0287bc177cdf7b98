/**
 * What other programs show of a run while it runs: TensorBoard's event files and an MLflow server.
 *
 * <p>Trackers work on threads of their own behind bounded queues. A tracker that is slow, down or
 * refused loses what it cannot keep, says so once, and never slows or stops the run. What an MLflow
 * server has not taken by the end lies in the run's folder; {@link MlflowLeftovers} sends it later.
 */
package io.elapid.observe.track;
