package io.elapid.checkpoint;

import io.elapid.data.InputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which of a run's checkpoints a {@link Retention} keeps, by their manifests alone. */
final class CheckpointSelection {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointSelection.class);

  private CheckpointSelection() {}

  /** The manifests of {@code folders} in the same order, without those that have none. */
  static Map<Path, CheckpointManifest> manifests(FileSystem fs, List<Path> folders)
      throws IOException {
    Map<Path, CheckpointManifest> manifests = new LinkedHashMap<>();
    for (Path folder : folders) {
      try {
        manifests.put(folder, CheckpointFolder.open(fs, folder).manifest());
      } catch (InputException e) {
        // Not ours to delete: it may be what the user wants to look into.
        LOG.debug("Leaving {} alone: {}", folder, e.getMessage());
      }
    }
    return manifests;
  }

  /** The folders to keep of {@code manifests}, which come newest first. */
  static List<Path> kept(Map<Path, CheckpointManifest> manifests, Retention retention) {
    List<Path> kept = new ArrayList<>(manifests.keySet().stream().limit(retention.last()).toList());
    for (Retention.Best best : retention.best()) {
      best(manifests, best).ifPresent(kept::add);
    }
    return kept;
  }

  // the first of equals, which is the newest
  private static Optional<Path> best(
      Map<Path, CheckpointManifest> manifests, Retention.Best wanted) {
    double sign = wanted.order() == Retention.Order.HIGHEST ? -1 : 1;
    return manifests.entrySet().stream()
        .filter(entry -> isNumber(entry.getValue().metrics().get(wanted.metric())))
        .min(
            Comparator.comparingDouble(
                entry -> sign * entry.getValue().metrics().get(wanted.metric())))
        .map(Map.Entry::getKey);
  }

  private static boolean isNumber(Double value) {
    return value != null && !value.isNaN();
  }
}
