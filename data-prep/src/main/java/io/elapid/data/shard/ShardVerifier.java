package io.elapid.data.shard;

import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.target.ClassTarget;
import io.elapid.data.target.LabelMapTarget;
import io.elapid.data.target.MaskRaster;
import io.elapid.data.target.ObjectAnnotation;
import io.elapid.data.target.ObjectTarget;
import io.elapid.data.target.TargetKind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Compares a shard with its manifest and decodes everything in it. */
public final class ShardVerifier {
  private static final int SHOWN = 20;
  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final ShardSummary expected;
  private final TargetKind kind;
  private final int classes;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private long count;
  private long rows;
  private long pixels;

  private ShardVerifier(Path file, ShardSummary expected, TargetKind kind, int classes) {
    this.file = file;
    this.expected = expected;
    this.kind = kind;
    this.classes = classes;
  }

  /**
   * What was found.
   *
   * @param file path below the data set's root
   * @param rows that could be read
   * @param pixels that were decoded
   * @param problems the first few, in words
   * @param count of all problems
   */
  public record Report(String file, long rows, long pixels, List<String> problems, long count)
      implements Serializable {
    public Report {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Looks at one shard.
   *
   * @param kind of the data set
   * @param classes of the data set
   * @throws IOException when the storage fails in a way that says nothing about the shard
   */
  public static Report verify(
      Configuration conf, Path root, ShardSummary shard, TargetKind kind, int classes)
      throws IOException {
    ShardVerifier verifier = new ShardVerifier(new Path(root, shard.file()), shard, kind, classes);
    try {
      verifier.bytes(conf);
      verifier.rows(conf);
    } catch (FileNotFoundException e) {
      verifier.problem("is missing");
    }
    return new Report(
        shard.file(), verifier.rows, verifier.pixels, verifier.problems, verifier.count);
  }

  private void problem(String text) {
    count++;
    if (problems.size() < SHOWN) {
      problems.add(text);
    }
  }

  private void bytes(Configuration conf) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    long length = 0;
    try (InputStream in = file.getFileSystem(conf).open(file)) {
      byte[] buffer = new byte[BUFFER];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        length += read;
      }
    } catch (org.apache.hadoop.fs.ChecksumException e) {
      problem("fails its file system's checksum: " + e.getMessage());
      return;
    }
    if (length != expected.bytes()) {
      problem("has " + length + " bytes, the manifest says " + expected.bytes());
    } else if (!HexFormat.of().formatHex(digest.digest()).equals(expected.sha256())) {
      problem("has another SHA-256 than the manifest says");
    }
  }

  private void rows(Configuration conf) throws IOException {
    try (ShardReader reader = ShardReader.open(conf, file)) {
      if (reader.kind() != kind) {
        problem("has the columns of " + reader.kind() + ", the manifest says " + kind);
      }
      if (!reader.rowGroupRows().equals(expected.rowGroupRows())) {
        problem("has other row groups than the manifest says");
      }
      for (int group = 0; group < reader.rowGroupRows().size(); group++) {
        group(reader, group);
      }
    } catch (FileNotFoundException e) {
      throw e;
    } catch (IOException e) {
      problem(oneLine(e));
    }
    if (rows != expected.rows()) {
      problem("has " + rows + " readable rows, the manifest says " + expected.rows());
    }
  }

  private void group(ShardReader reader, int group) {
    try {
      for (Sample sample : reader.read(group)) {
        rows++;
        sample(sample);
      }
    } catch (IOException e) {
      problem(oneLine(e));
    }
  }

  private void sample(Sample sample) {
    if (!ids.add(sample.id())) {
      problem(sample.id() + ": is there twice");
    }
    try {
      Image image = ImageCodec.decode(sample.image());
      pixels += (long) image.width() * image.height();
      target(sample, image);
    } catch (UnreadableImageException e) {
      problem(sample.id() + ": " + e.getMessage());
    }
  }

  private void target(Sample sample, Image image) throws UnreadableImageException {
    boolean turned = sample.target() instanceof ObjectTarget t && t.orientation().isTurned();
    int width = turned ? image.height() : image.width();
    int height = turned ? image.width() : image.height();
    if (width != sample.width() || height != sample.height()) {
      problem(
          "%s: has %d x %d pixels, the row says %d x %d"
              .formatted(sample.id(), width, height, sample.width(), sample.height()));
    }
    if (sample.target() instanceof ClassTarget target) {
      label(sample, target.label(), 0);
    } else if (sample.target() instanceof ObjectTarget target) {
      for (ObjectAnnotation annotation : target.annotations()) {
        label(sample, annotation.label(), ObjectAnnotation.UNKNOWN_CATEGORY);
        if (!MaskRaster.canDraw(annotation.segmentation())) {
          problem("%s: annotation %d cannot be drawn".formatted(sample.id(), annotation.id()));
        }
      }
    } else if (sample.target() instanceof LabelMapTarget target) {
      labels(sample, ImageCodec.decodeLabels(target.png()));
    }
  }

  private void label(Sample sample, int label, int smallest) {
    if (label < smallest || label >= classes) {
      problem("%s: has label %d of %d classes".formatted(sample.id(), label, classes));
    }
  }

  private void labels(Sample sample, LabelMap map) {
    if (map.width() != sample.width() || map.height() != sample.height()) {
      problem(
          "%s: has a label map of %d x %d pixels"
              .formatted(sample.id(), map.width(), map.height()));
    }
    long[] histogram = map.histogram();
    for (int value = classes + 1; value < histogram.length; value++) {
      if (histogram[value] > 0) {
        problem("%s: has label value %d of %d classes".formatted(sample.id(), value, classes));
      }
    }
  }

  private static String oneLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
  }
}
