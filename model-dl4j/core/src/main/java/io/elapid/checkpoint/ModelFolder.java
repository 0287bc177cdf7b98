package io.elapid.checkpoint;

import io.elapid.data.InputException;
import io.elapid.data.LocalFiles;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A model to be handed on: a checkpoint without the state of its training, and other files that
 * describe it. Whatever reads checkpoints reads it. The manifest has the SHA-256 of every file.
 */
public final class ModelFolder {
  private final FileSystem fs;
  private final Path path;
  private final Existing existing;

  private ModelFolder(FileSystem fs, Path path, Existing existing) {
    this.fs = fs;
    this.path = path;
    this.existing = existing;
  }

  /**
   * A folder that is yet to be written. An empty folder of that name counts as none.
   *
   * @throws InputException if there is something of that name that must not, or is no model to, be
   *     replaced
   */
  public static ModelFolder create(Configuration conf, Path path, Existing existing)
      throws IOException {
    FileSystem fs = LocalFiles.plain(conf, path);
    // made from a URI, a path keeps a slash at its end and would be its own parent
    Path clean = fs.makeQualified(new Path(path.toString()));
    ModelFolder folder = new ModelFolder(fs, clean, existing);
    folder.requireFree();
    return folder;
  }

  private void requireFree() throws IOException {
    if (!fs.exists(path) || isEmptyFolder()) {
      return;
    }
    if (existing == Existing.REFUSE) {
      throw new InputException(
          path + ": is there already", "Name a new folder, or replace this one with --force.");
    }
    if (!fs.exists(new Path(path, CheckpointFiles.MANIFEST))
        || fs.exists(new Path(path, CheckpointFiles.STATE))) {
      throw new InputException(
          path + ": is there already and is no exported model, so it is not replaced",
          "Name a new folder, or delete this one yourself.");
    }
  }

  private boolean isEmptyFolder() throws IOException {
    FileStatus status = fs.getFileStatus(path);
    return status.isDirectory() && fs.listStatus(path).length == 0;
  }

  /**
   * Writes the model; the folder appears when it is whole.
   *
   * @param meta with the resolved recipe
   * @param others name to content of files beside the weights, recipe and manifest
   * @return the folder
   */
  public Path write(CheckpointMeta meta, List<NamedTensor> tensors, Map<String, Content> others)
      throws IOException {
    Path temporary = hidden();
    try {
      CheckpointWriter writer = new CheckpointWriter(fs, temporary);
      writer.tensors(CheckpointFiles.MODEL, WeightMetadata.encode(meta), tensors);
      writer.text(CheckpointFiles.RECIPE, meta.recipe());
      for (Map.Entry<String, Content> other : others.entrySet()) {
        writer.file(other.getKey(), other.getValue());
      }
      writer.manifest(meta);
      publish(temporary);
    } finally {
      fs.delete(temporary, true);
    }
    return path;
  }

  private void publish(Path temporary) throws IOException {
    requireFree();
    if (!fs.exists(path)) {
      rename(temporary, path);
      return;
    }
    Path replaced = hidden();
    rename(path, replaced);
    try {
      rename(temporary, path);
    } catch (IOException e) {
      rename(replaced, path);
      throw e;
    }
    fs.delete(replaced, true);
  }

  private Path hidden() {
    return new Path(path.getParent(), "_%s.%s.tmp".formatted(path.getName(), UUID.randomUUID()));
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fs.rename(from, to)) {
      throw new IOException("cannot rename %s to %s".formatted(from, to));
    }
  }
}
