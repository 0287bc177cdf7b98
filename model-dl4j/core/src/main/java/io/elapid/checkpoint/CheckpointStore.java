package io.elapid.checkpoint;

import io.elapid.data.InputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run: folders {@code step-000000040} in a folder of any Hadoop file system.
 *
 * <p>One writer at a time. Readers may run beside it: what they see is whole, because a checkpoint
 * gets its name only when all its files are written.
 */
public final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final Pattern NAME = Pattern.compile("step-\\d{9,18}");
  private static final String TEMPORARY = "_writing-";
  private static final String REPLACED = "_replaced-";
  private static final Pattern REPLACED_NAME = Pattern.compile(REPLACED + "(" + NAME + ")-.*");

  /** As often are checkpoints listed that are deleted again before they are read. */
  private static final int LOOKUPS = 5;

  private final Configuration conf;
  private final FileSystem fs;
  private final Path dir;
  private final Optional<Fence> fence;

  /** A store in {@code dir}, which need not exist yet. */
  public CheckpointStore(Configuration conf, Path dir) throws IOException {
    this(conf, dir, Optional.empty());
  }

  /** A store that publishes nothing any more once someone else has taken the run over. */
  public CheckpointStore(Configuration conf, Path dir, Optional<Fence> fence) throws IOException {
    this.conf = conf;
    this.fs = dir.getFileSystem(conf);
    this.dir = fs.makeQualified(dir);
    this.fence = fence;
  }

  /** Reads and verifies the checkpoint in {@code folder}. */
  public static Checkpoint read(Configuration conf, Path folder) throws IOException {
    return CheckpointFolder.open(folder.getFileSystem(conf), folder).load();
  }

  /**
   * Writes a checkpoint and returns its folder; one of the same step is replaced. If writing fails,
   * what was there before is untouched.
   *
   * @param ema empty if the run keeps no moving average
   */
  public Path write(
      CheckpointMeta meta, List<NamedTensor> model, List<NamedTensor> ema, List<NamedTensor> state)
      throws IOException {
    Path temporary = temporary(name(meta.step()));
    try {
      CheckpointWriter writer = new CheckpointWriter(fs, temporary);
      Map<String, String> description = WeightMetadata.encode(meta);
      writer.tensors(CheckpointFiles.MODEL, description, model);
      if (!ema.isEmpty()) {
        writer.tensors(CheckpointFiles.EMA, description, ema);
      }
      writer.tensors(CheckpointFiles.STATE, Map.of(), state);
      writer.text(CheckpointFiles.RECIPE, meta.recipe());
      writer.manifest(meta);
      // whoever takes the run over removes unfinished checkpoints, so a late rename finds nothing
      if (fence.isPresent()) {
        fence.get().check(conf);
      }
      return publish(temporary, new Path(dir, name(meta.step())));
    } catch (FSError e) { // what Hadoop's local file system makes of a full disk
      IOException failure = new IOException(e.getCause().getMessage(), e);
      discard(temporary, failure);
      throw failure;
    } catch (IOException | RuntimeException e) {
      discard(temporary, e);
      throw e;
    }
  }

  /**
   * The newest checkpoint that is complete and undamaged; empty if there is none. Damaged ones are
   * skipped with a warning. Where one is deleted while it is read, as a run that goes on deletes
   * old ones, there are newer ones, which are looked for some times.
   *
   * @throws IOException if none could be read and the file system, not a file, was the reason
   */
  public Optional<Checkpoint> newest() throws IOException {
    return newest(CheckpointFolder::load);
  }

  /** Takes something from a checkpoint; fails if what it needs is damaged. */
  interface Loader<T> {
    T load(CheckpointFolder folder) throws IOException;
  }

  <T> Optional<T> newest(Loader<T> loader) throws IOException {
    IOException unreachable = null;
    Deque<Path> left = new ArrayDeque<>(folders());
    int lookups = 1;
    while (!left.isEmpty()) {
      Path folder = left.remove();
      try {
        return Optional.of(loader.load(CheckpointFolder.open(fs, folder)));
      } catch (InputException | IOException e) {
        if (lookups < LOOKUPS && isGone(folder)) {
          LOG.info("Checkpoint {} was deleted while it was read: looking for newer ones", folder);
          left = new ArrayDeque<>(folders());
          lookups++;
        } else if (e instanceof IOException now) {
          LOG.warn("Skipping checkpoint {}: cannot be read now: {}", folder, e.toString());
          unreachable = now;
        } else {
          LOG.warn("Skipping checkpoint {}: {}", folder, e.getMessage());
        }
      }
    }
    if (unreachable != null) {
      throw unreachable;
    }
    return Optional.empty();
  }

  private boolean isGone(Path folder) {
    try {
      return !fs.exists(folder);
    } catch (IOException e) {
      LOG.debug("not known whether {} is there", folder, e);
      return false;
    }
  }

  /** Folders of finished checkpoints, newest first, not verified. */
  public List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (FileStatus status : list()) {
      if (status.isDirectory() && isCheckpoint(status.getPath())) {
        folders.add(status.getPath());
      }
    }
    folders.sort(Comparator.comparingLong(CheckpointStore::step).reversed());
    return folders;
  }

  /**
   * Deletes what {@code retention} does not keep, unless someone else has taken the run over.
   * Folders without a valid manifest are left alone and do not count, nor do those of later steps
   * than {@code newest}: the run would have gone on from them if they were whole.
   *
   * @param newest step of the checkpoint that was written last
   */
  public void retain(Retention retention, long newest) throws IOException {
    List<Path> written = folders().stream().filter(folder -> step(folder) <= newest).toList();
    Map<Path, CheckpointManifest> manifests = CheckpointSelection.manifests(fs, written);
    List<Path> kept = CheckpointSelection.kept(manifests, retention);
    // looking at them may have taken a while
    if (fence.isPresent()) {
      fence.get().check(conf);
    }
    for (Path folder : manifests.keySet()) {
      if (!kept.contains(folder)) {
        remove(folder);
      }
    }
  }

  /**
   * Deletes what an interrupted writer left behind, but for a checkpoint that was to make way for
   * another of its step, which has not come. Call it while no one writes.
   */
  public void clean() throws IOException {
    for (FileStatus status : list()) {
      Path path = status.getPath();
      Optional<Path> former = former(path);
      if (former.isPresent() && !fs.exists(former.get())) {
        LOG.info("Checkpoint {} was not replaced and is kept", former.get());
        rename(path, former.get());
      } else if (former.isPresent() || path.getName().startsWith(TEMPORARY)) {
        LOG.info("Removing unfinished checkpoint {}", path);
        fs.delete(path, true);
      }
    }
  }

  /** The name of a checkpoint before it was to be replaced; empty if this is no such one. */
  private Optional<Path> former(Path path) {
    Matcher replaced = REPLACED_NAME.matcher(path.getName());
    return replaced.matches() ? Optional.of(new Path(dir, replaced.group(1))) : Optional.empty();
  }

  /** Whether a folder has the name of a checkpoint of a run. */
  public static boolean isCheckpoint(Path folder) {
    return NAME.matcher(folder.getName()).matches();
  }

  static String name(long step) {
    return String.format(Locale.ROOT, "step-%09d", step);
  }

  private static long step(Path folder) {
    return Long.parseLong(folder.getName().substring("step-".length()));
  }

  private Path temporary(String name) {
    return hidden(TEMPORARY, name);
  }

  private Path hidden(String prefix, String name) {
    return new Path(dir, prefix + name + "-" + UUID.randomUUID());
  }

  private Path publish(Path temporary, Path folder) throws IOException {
    if (!fs.exists(folder)) {
      rename(temporary, folder);
      return folder;
    }
    Path replaced = hidden(REPLACED, folder.getName());
    rename(folder, replaced);
    try {
      rename(temporary, folder);
    } catch (IOException e) {
      rename(replaced, folder);
      throw e;
    }
    fs.delete(replaced, true);
    return folder;
  }

  // Out of sight first: no reader may take a half-deleted folder for a checkpoint.
  private void remove(Path folder) throws IOException {
    if (fs.exists(folder)) {
      Path hidden = temporary(folder.getName());
      rename(folder, hidden);
      fs.delete(hidden, true);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fs.rename(from, to)) {
      throw new IOException("cannot rename %s to %s".formatted(from, to));
    }
  }

  private void discard(Path temporary, Exception reason) {
    try {
      fs.delete(temporary, true);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  private FileStatus[] list() throws IOException {
    try {
      return fs.listStatus(dir);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }
}
