package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.config.TrackSpec;
import io.elapid.observe.track.MlflowSettings;
import io.elapid.observe.track.Trackers;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts what a recipe wants the run to be tracked by. */
final class RunTracking {
  private static final Logger LOG = LoggerFactory.getLogger(RunTracking.class);

  private RunTracking() {}

  static Trackers start(RunFolder folder, Recipe recipe) {
    TrackSpec track = recipe.track();
    return Trackers.start(
        folder.hadoop(),
        folder.root(),
        Trackers.TensorBoard.valueOf(track.tensorboard().name()),
        track
            .mlflow()
            .map(
                address ->
                    new MlflowSettings(
                        address,
                        track.mlflowExperiment(),
                        "%s/%s".formatted(recipe.name(), folder.root().getName()),
                        track.mlflowTimeout(),
                        track.mlflowLinger(),
                        track.mlflowSpool())),
        recipe.leaves());
  }

  /** Shows some augmented pictures; on a thread of its own, since reading them may take a while. */
  static void pictures(Configuration hadoop, Recipe recipe, Trackers trackers) {
    int count = recipe.track().pictures();
    if (count == 0 || recipe.track().tensorboard() == TrackSpec.Switch.OFF) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                AugmentedPictures.of(hadoop, recipe, count).forEach(trackers::accept);
              } catch (Exception e) {
                LOG.warn("no pictures for TensorBoard: {}", e.toString());
              }
            },
            "elapid-pictures");
    thread.setDaemon(true);
    thread.start();
  }
}
