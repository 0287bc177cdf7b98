package io.elapid.checkpoint;

import io.elapid.data.InputException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The weights of one network, wherever they were found.
 *
 * @param source where, for messages
 * @param meta what they belong to; empty if another program wrote the file
 * @param tensors by official name
 */
public record ModelWeights(
    String source, Optional<CheckpointMeta> meta, Map<String, NamedTensor> tensors) {

  private static final String CHECKPOINTS = "checkpoints";
  private static final String REMEDY =
      "Name a .safetensors or .pth file, a checkpoint, or the output folder of a training run.";
  private static final List<String> TORCH_ENDINGS = List.of(".pth", ".pt", ".pth.tar", ".ckpt");
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int HEAD_BYTES = 4;

  /** Which of the weights that a run keeps. */
  public enum Variant {
    /** As trained. */
    MODEL,
    /** Their moving average. */
    EMA
  }

  /**
   * Loads from a {@code .safetensors} file, a file of PyTorch, a checkpoint, or the newest good
   * checkpoint of a run.
   *
   * @param path the file, the folder {@code step-...}, the folder of checkpoints, or its parent
   * @param variant what to take of a checkpoint; a file with one set of weights holds what it holds
   * @throws InputException if there are no such weights at {@code path}, or they are damaged
   */
  public static ModelWeights load(Configuration conf, Path path, Variant variant)
      throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    FileStatus status;
    try {
      status = fs.getFileStatus(path);
    } catch (FileNotFoundException e) {
      throw new InputException("no weights: %s does not exist".formatted(path), REMEDY, e);
    }
    if (status.isFile()) {
      return file(fs, status, variant);
    }
    if (fs.exists(new Path(path, CheckpointFiles.MANIFEST))) {
      return folder(CheckpointFolder.open(fs, path), variant);
    }
    List<InputException> unusable = new ArrayList<>();
    for (Path store : List.of(path, new Path(path, CHECKPOINTS))) {
      Optional<ModelWeights> newest =
          new CheckpointStore(conf, store)
              .newest(
                  folder -> {
                    try {
                      return folder(folder, variant);
                    } catch (InputException e) {
                      unusable.add(e);
                      throw e;
                    }
                  });
      if (newest.isPresent()) {
        return newest.get();
      }
    }
    if (!unusable.isEmpty()) {
      throw unusable.get(0);
    }
    throw new InputException("no weights: %s holds no usable checkpoint".formatted(path), REMEDY);
  }

  /** Which of the weights of a run's checkpoint these are; empty if they are of none. */
  public Optional<Variant> ofCheckpoint() {
    Path file = new Path(source);
    if (!CheckpointStore.isCheckpoint(file.getParent())) {
      return Optional.empty();
    }
    return switch (file.getName()) {
      case CheckpointFiles.MODEL -> Optional.of(Variant.MODEL);
      case CheckpointFiles.EMA -> Optional.of(Variant.EMA);
      default -> Optional.empty();
    };
  }

  /**
   * When what {@link #load} reads was written, in milliseconds; those of a run change with every
   * checkpoint.
   *
   * @throws FileNotFoundException if nothing is at {@code path}
   */
  public static long modified(Configuration conf, Path path) throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    FileStatus status = fs.getFileStatus(path);
    Path checkpoints = new Path(path, CHECKPOINTS);
    return status.isDirectory() && fs.exists(checkpoints)
        ? fs.getFileStatus(checkpoints).getModificationTime()
        : status.getModificationTime();
  }

  private static ModelWeights file(FileSystem fs, FileStatus status, Variant variant)
      throws IOException {
    String source = status.getPath().toString();
    try (FSDataInputStream in = fs.open(status.getPath())) {
      byte[] head = new byte[(int) Math.min(HEAD_BYTES, status.getLen())];
      in.readFully(0, head);
      String name = status.getPath().getName().toLowerCase(Locale.ROOT);
      if (TorchFile.recognises(head) || TORCH_ENDINGS.stream().anyMatch(name::endsWith)) {
        return torch(source, RandomBytes.of(in, status.getLen()), variant);
      }
      InputStream buffered = new BufferedInputStream(in, BUFFER_BYTES);
      return of(source, Safetensors.read(source, buffered, status.getLen()));
    } catch (ChecksumException e) {
      throw Safetensors.damaged(source, "changed on disk", e);
    }
  }

  private static ModelWeights of(String source, TensorFile file) {
    return new ModelWeights(source, WeightMetadata.decode(source, file.metadata()), file.tensors());
  }

  /**
   * What {@link #encoded} has made of weights.
   *
   * @param source where they were found
   */
  public static ModelWeights decoded(String source, byte[] encoded) throws IOException {
    return of(source, Safetensors.read(source, encoded));
  }

  /** The weights with all that is known about them, as the bytes of a {@code .safetensors} file. */
  public byte[] encoded() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeTo(out);
    return out.toByteArray();
  }

  void writeTo(OutputStream out) throws IOException {
    Map<String, String> metadata = meta.map(WeightMetadata::encode).orElse(Map.of("format", "pt"));
    Safetensors.write(out, metadata, tensors.values());
  }

  private static ModelWeights torch(String source, RandomBytes file, Variant variant)
      throws IOException {
    TorchCheckpoint checkpoint = TorchCheckpoint.read(source, file, variant);
    String place = checkpoint.key().isEmpty() ? source : source + " (" + checkpoint.key() + ")";
    return new ModelWeights(place, Optional.empty(), checkpoint.tensors());
  }

  private static ModelWeights folder(CheckpointFolder folder, Variant variant) throws IOException {
    String file = variant == Variant.EMA ? CheckpointFiles.EMA : CheckpointFiles.MODEL;
    if (!folder.has(file)) {
      throw new InputException(
          "%s holds no moving average of the weights".formatted(folder.path()),
          "Use the model's own weights, or train with ema.decay above 0.");
    }
    String source = new Path(folder.path(), file).toString();
    return new ModelWeights(source, Optional.of(folder.meta()), folder.tensors(file));
  }
}
