package io.elapid.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.elapid.data.InputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Map;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A checkpoint on disk. Whatever is read from it has been compared with the manifest's SHA-256. */
final class CheckpointFolder {
  private final FileSystem fs;
  private final Path path;
  private final CheckpointManifest manifest;

  private CheckpointFolder(FileSystem fs, Path path, CheckpointManifest manifest) {
    this.fs = fs;
    this.path = path;
    this.manifest = manifest;
  }

  static CheckpointFolder open(FileSystem fs, Path path) throws IOException {
    Path file = new Path(path, CheckpointFiles.MANIFEST);
    byte[] json;
    try (InputStream in = fs.open(file)) {
      json = in.readAllBytes();
    } catch (FileNotFoundException e) {
      throw new InputException(
          "%s is not a checkpoint: it has no %s".formatted(path, CheckpointFiles.MANIFEST),
          "Name a folder step-... that a training run has finished writing.",
          e);
    } catch (ChecksumException e) {
      throw damaged(file, "its bytes changed on disk", e);
    }
    return new CheckpointFolder(fs, path, CheckpointManifest.decode(file.toString(), json));
  }

  Path path() {
    return path;
  }

  CheckpointManifest manifest() {
    return manifest;
  }

  CheckpointMeta meta() throws IOException {
    return manifest.meta(read(CheckpointFiles.RECIPE, in -> new String(in.readAllBytes(), UTF_8)));
  }

  boolean has(String file) {
    return manifest.file(file).isPresent();
  }

  Map<String, NamedTensor> tensors(String file) throws IOException {
    Path source = new Path(path, file);
    long bytes = manifest.file(file).map(CheckpointManifest.Entry::bytes).orElse(0L);
    return read(file, in -> Safetensors.read(source.toString(), in, bytes)).tensors();
  }

  Checkpoint load() throws IOException {
    return new Checkpoint(
        path,
        meta(),
        tensors(CheckpointFiles.MODEL),
        has(CheckpointFiles.EMA) ? tensors(CheckpointFiles.EMA) : Map.of(),
        tensors(CheckpointFiles.STATE));
  }

  /** Makes something of a stream that holds exactly one file. */
  private interface Parser<T> {
    T parse(InputStream in) throws IOException;
  }

  private <T> T read(String name, Parser<T> parser) throws IOException {
    Path file = new Path(path, name);
    CheckpointManifest.Entry expected =
        manifest.file(name).orElseThrow(() -> damaged(file, "the manifest does not list it", null));
    MessageDigest digest = Sha256.digest();
    try {
      long bytes = fs.getFileStatus(file).getLen();
      if (bytes != expected.bytes()) {
        throw damaged(file, "%d bytes instead of %d".formatted(bytes, expected.bytes()), null);
      }
      T result;
      try (DigestInputStream in = new DigestInputStream(fs.open(file), digest)) {
        result = parser.parse(in);
      }
      if (!Sha256.hex(digest).equals(expected.sha256())) {
        throw damaged(file, "its SHA-256 is not the manifest's", null);
      }
      return result;
    } catch (FileNotFoundException e) {
      throw damaged(file, "the file is missing", e);
    } catch (ChecksumException e) {
      throw damaged(file, "its bytes changed on disk", e);
    }
  }

  private static InputException damaged(Path file, String reason, IOException cause) {
    return new InputException(
        "damaged checkpoint: %s: %s".formatted(file, reason),
        "Name an older checkpoint, or copy this one again.",
        cause);
  }
}
