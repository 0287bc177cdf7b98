package io.elapid.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Fills a folder with the files of one checkpoint and remembers their SHA-256 for its manifest. */
final class CheckpointWriter {
  private static final int BUFFER_BYTES = 1 << 18;

  private final FileSystem fs;
  private final Path folder;
  private final List<CheckpointManifest.Entry> files = new ArrayList<>();

  CheckpointWriter(FileSystem fs, Path folder) throws IOException {
    this.fs = fs;
    this.folder = folder;
    if (!fs.mkdirs(folder)) {
      throw new IOException("cannot create " + folder);
    }
  }

  void tensors(String name, Map<String, String> metadata, List<NamedTensor> tensors)
      throws IOException {
    file(name, out -> Safetensors.write(out, metadata, tensors));
  }

  void text(String name, String text) throws IOException {
    file(name, out -> out.write(text.getBytes(UTF_8)));
  }

  /** Must come last: from here on the folder is complete. */
  void manifest(CheckpointMeta meta) throws IOException {
    byte[] json = CheckpointManifest.of(meta, List.copyOf(files)).encode();
    file(CheckpointFiles.MANIFEST, out -> out.write(json));
  }

  /** One more file. */
  void file(String name, Content content) throws IOException {
    MessageDigest digest = Sha256.digest();
    Path file = new Path(folder, name);
    OutputStream out =
        new DigestOutputStream(
            new BufferedOutputStream(fs.create(file, false), BUFFER_BYTES), digest);
    try {
      content.writeTo(out);
    } catch (IOException | RuntimeException e) {
      closeAfter(e, out);
      throw e;
    }
    out.close();
    long bytes = fs.getFileStatus(file).getLen();
    files.add(new CheckpointManifest.Entry(name, bytes, Sha256.hex(digest)));
  }

  /** A client of HDFS throws once more what it has thrown, and nothing can suppress itself. */
  private static void closeAfter(Exception failure, OutputStream out) {
    try {
      out.close();
    } catch (IOException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
  }
}
