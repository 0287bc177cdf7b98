package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.source.DataSource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The output folder of a prepare run: claimed at the start, complete only once the manifest is
 * there.
 *
 * <p>The claim is a marker file. What lies in a folder that has the marker and no manifest is left
 * over from a run that died and may be overwritten; a folder with neither is somebody else's and is
 * not touched.
 */
final class PrepareOutput {
  private static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
  private static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);
  private static final String MARKER = "_PREPARING";

  private final Configuration hadoop;
  private final Path root;
  private final FileSystem files;

  PrepareOutput(Configuration hadoop, Path root) throws IOException {
    this.hadoop = hadoop;
    this.root = root;
    this.files = root.getFileSystem(hadoop);
  }

  boolean finished() throws IOException {
    return Manifest.exists(hadoop, root);
  }

  void begin() throws IOException {
    if (files.exists(root)) {
      if (!files.getFileStatus(root).isDirectory()) {
        throw new InputException(root + ": is a file, not a folder", "choose another OUT");
      }
      if (files.listStatus(root).length > 0 && !files.exists(marker())) {
        throw new InputException(
            root + ": is not empty and holds no data set of ours", "choose an empty or new OUT");
      }
    }
    files.mkdirs(root);
    files.create(marker(), true).close();
    files.delete(quarantine().getParent(), true);
    discardShards();
  }

  /** Leaves nothing but the claim and the list of what was wrong. */
  void discardShards() throws IOException {
    for (FileStatus left : files.listStatus(root)) {
      Path path = left.getPath();
      if (!path.getName().equals(MARKER)
          && !path.getName().equals(quarantine().getParent().getName())) {
        files.delete(path, true);
      }
    }
  }

  Path quarantine() {
    return new Path(root, Manifest.QUARANTINE_FILE);
  }

  Path remarks() {
    return new Path(root, Manifest.REMARKS_FILE);
  }

  Manifest finish(
      DataSource source,
      Map<String, List<ShardSummary>> splits,
      long quarantined,
      long remarks,
      PrepareOptions options)
      throws IOException {
    if (quarantined == 0) {
      files.delete(quarantine().getParent(), true);
    }
    Manifest manifest =
        new Manifest(
            Manifest.SCHEMA_VERSION,
            source.name(),
            source.kind(),
            source.classes(),
            splits,
            quarantined,
            remarks,
            IMAGENET_MEAN,
            IMAGENET_STD,
            Map.of(
                "elapid", Version.current(),
                "source", options.in().toString(),
                "seed", Long.toString(options.seed()),
                "java", Runtime.version().toString()));
    manifest.write(hadoop, root);
    files.delete(marker(), false);
    return manifest;
  }

  private Path marker() {
    return new Path(root, MARKER);
  }
}
