package io.elapid.job;

import io.elapid.data.InputException;
import io.elapid.data.LocalFiles;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ShardReceipts;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.source.DataSource;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The output folder of a prepare run: claimed at the start, complete only once the manifest is
 * there.
 *
 * <p>The claim is a marker file that says what is being written. A folder that has the marker and
 * no manifest is left over from a run that died, or is being written: the lease beside it tells the
 * two apart. The shards that a dead one finished stay where they are if this run would write the
 * same ones, everything else is thrown away. A folder with neither is somebody else's and is not
 * touched.
 */
final class PrepareOutput {
  private static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
  private static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);
  private static final String MARKER = "_PREPARING";
  private static final String LEASE = "_lease";

  private final Configuration hadoop;
  private final Path root;
  private final FileSystem files;

  PrepareOutput(Configuration hadoop, Path root) throws IOException {
    this.hadoop = hadoop;
    this.root = root;
    this.files = root.getFileSystem(hadoop);
  }

  /** Whether the data set is there; what the run that made it had no time to remove goes now. */
  boolean finished() throws IOException {
    boolean finished = Manifest.exists(hadoop, root);
    if (finished) {
      tidy();
    }
    return finished;
  }

  /** Makes the folder ours, or refuses it. */
  void claim() throws IOException {
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
    if (!files.exists(marker())) {
      LocalFiles.create(hadoop, marker()).close();
    }
  }

  /**
   * The shards by number that a run with the same fingerprint finished before it died; anything
   * else in the folder is removed.
   */
  Map<Integer, ShardSummary> resume(PreparePlan plan, String fingerprint) throws IOException {
    Map<Integer, ShardSummary> kept = new TreeMap<>();
    if (fingerprint.equals(claimedFor())) {
      for (int shard = 0; shard < plan.shards(); shard++) {
        Optional<ShardSummary> receipt = ShardReceipts.read(hadoop, root, plan.file(shard));
        if (receipt.isPresent()) {
          kept.put(shard, receipt.get());
        }
      }
      removeUnfinished(kept);
    } else {
      discardShards();
      try (OutputStream out = files.create(marker(), true)) {
        out.write(fingerprint.getBytes(StandardCharsets.UTF_8));
      }
    }
    files.delete(quarantine().getParent(), true);
    files.delete(remarks().getParent(), true);
    return kept;
  }

  private String claimedFor() throws IOException {
    try (InputStream in = files.open(marker())) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      return "";
    }
  }

  private void removeUnfinished(Map<Integer, ShardSummary> kept) throws IOException {
    Set<Path> names = new HashSet<>();
    Set<Path> folders = new HashSet<>();
    for (ShardSummary shard : kept.values()) {
      Path file = files.makeQualified(new Path(root, shard.file()));
      folders.add(file.getParent());
      names.add(file);
    }
    // Hadoop's client of local files hides those that it keeps checksums in.
    FileSystem plain = LocalFiles.plain(hadoop, root);
    for (Path folder : folders) {
      for (FileStatus left : plain.listStatus(folder)) {
        if (!names.contains(files.makeQualified(left.getPath()))) {
          plain.delete(left.getPath(), true);
        }
      }
    }
  }

  /** Leaves nothing but the claims and the list of what was wrong. */
  void discardShards() throws IOException {
    for (FileStatus left : files.listStatus(root)) {
      Path path = left.getPath();
      if (!path.getName().equals(MARKER)
          && !path.getName().equals(LEASE)
          && !path.getName().equals(quarantine().getParent().getName())) {
        files.delete(path, true);
      }
    }
  }

  /** Leaves out a shard that nothing came to. */
  void discard(ShardSummary shard) throws IOException {
    files.delete(new Path(root, shard.file()), false);
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
    return manifest;
  }

  /**
   * Removes from a finished data set what only its making needed. The marker goes last: as long as
   * it is there, what else is left can still be removed.
   */
  void tidy() throws IOException {
    files.delete(lease(), true);
    if (files.exists(marker())) {
      files.delete(new Path(root, ShardReceipts.FOLDER), true);
      files.delete(marker(), false);
    }
  }

  /** Who writes into this folder. */
  Path lease() {
    return new Path(AbsolutePaths.of(root, hadoop), LEASE);
  }

  private Path marker() {
    return new Path(root, MARKER);
  }
}
