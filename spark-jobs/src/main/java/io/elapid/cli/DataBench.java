package io.elapid.cli;

import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.image.Image;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ReadBuffer;
import io.elapid.data.shard.Sample;
import io.elapid.data.shard.ShardReader;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.shard.ShardSummary;
import io.elapid.data.shard.ShardWriter;
import io.elapid.data.source.ImageNetSource;
import io.elapid.data.source.Listed;
import io.elapid.data.source.Listing;
import io.elapid.data.source.ListingUnit;
import io.elapid.data.source.SampleRef;
import io.elapid.data.target.TargetKind;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A folder of pictures, written as one shard and read back, one pass at a time. */
final class DataBench {
  static final int BATCH = 32;
  private static final String SPLIT = "train";

  /** What is read in one measurement: a shard as large as prepare makes them. */
  private static final long READ_BYTES = 256 << 20;

  /** How often it is read: starting a process must not count. */
  private static final int PASSES = 8;

  private static final int CAT_MINUTES = 10;

  private final Configuration hadoop;
  private final Path pictures;
  private final Path root;
  private final int size;
  private final int threads;
  private final List<Listed> listed = new ArrayList<>();
  private final long bytes;
  private final ShardSummary large;
  private final ReadBuffer buffer = new ReadBuffer();
  private final Manifest manifest;

  /**
   * Writes the shard.
   *
   * @param pictures a folder as ImageNetSource reads it
   * @param root new folder for the shard
   * @param size of the network's input
   * @param threads that decode
   */
  DataBench(Configuration hadoop, Path pictures, Path root, int size, int threads)
      throws IOException {
    this.hadoop = hadoop;
    this.pictures = pictures;
    this.root = root;
    this.size = size;
    this.threads = threads;
    ImageNetSource source = ImageNetSource.open(hadoop, pictures);
    for (ListingUnit unit : source.units()) {
      if (unit.split().equals(SPLIT)) {
        try (Listing listing = source.list(hadoop, unit)) {
          listing.forEachRemaining(listed::add);
        }
      }
    }
    ShardSummary shard = writeShard();
    this.bytes = shard.bytes();
    this.large = writeLarge();
    this.manifest =
        new Manifest(
            Manifest.SCHEMA_VERSION,
            source.name(),
            source.kind(),
            source.classes(),
            Map.of(SPLIT, List.of(shard)),
            0,
            0,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225),
            Map.of());
    manifest.write(hadoop, root);
  }

  int count() {
    return listed.size();
  }

  /** Bytes of the shard. */
  long bytes() {
    return bytes;
  }

  /** Bytes of the shard that is read against cat. */
  long largeBytes() {
    return large.bytes();
  }

  /** Decode, random crop, flip, normalise: pictures per second. */
  double picturesPerSecond() throws IOException, InterruptedException {
    LoaderSettings settings =
        new LoaderSettings(
            List.of(RandomResizedCrop.of(size, Interpolation.BICUBIC), new HorizontalFlip(0.5)),
            Normalization.imageNet(),
            size,
            manifest.classes().size(),
            0,
            1,
            threads,
            2,
            Duration.ofMinutes(5),
            0);
    try (BatchLoader<Batch> loader =
        BatchLoader.evaluation(hadoop, root, SPLIT, settings, 0, 1, BATCH)) {
      long began = System.nanoTime();
      int count = 0;
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        count += batch.size();
        loader.recycle(batch);
      }
      return count / seconds(began);
    }
  }

  /** The same through plain ImageIO, in this thread: whole pictures, then the crop. */
  double imageIoPicturesPerSecond() throws IOException {
    RandomResizedCrop crop = RandomResizedCrop.of(size, Interpolation.BICUBIC);
    HorizontalFlip flip = new HorizontalFlip(0.5);
    float[] table = Normalization.imageNet().table();
    FloatBuffer out = FloatBuffer.allocate(Image.CHANNELS * size * size);
    long began = System.nanoTime();
    int count = 0;
    try (ShardReader reader = ShardReader.open(hadoop, shard())) {
      for (int group = 0; group < reader.rowGroupRows().size(); group++) {
        for (Sample sample : reader.read(group)) {
          BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(sample.image()));
          int[] samples =
              decoded
                  .getRaster()
                  .getPixels(0, 0, decoded.getWidth(), decoded.getHeight(), (int[]) null);
          byte[] rgb = new byte[samples.length];
          for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) samples[i];
          }
          Image image = new Image(decoded.getWidth(), decoded.getHeight(), rgb);
          Normalization.write(flip.apply(crop.apply(image, count), count), table, out, 0);
          count++;
        }
      }
    }
    return count / seconds(began);
  }

  /** Bytes per second at which a large shard is read into memory, checksums verified. */
  double readSpeed() throws IOException {
    return readSpeed((reader, group) -> reader.load(group));
  }

  /** The same, with every sample in memory of its own, as loaders keep them. */
  double sampleSpeed() throws IOException {
    return readSpeed((reader, group) -> reader.read(group));
  }

  private double readSpeed(GroupReading reading) throws IOException {
    long began = System.nanoTime();
    for (int pass = 0; pass < PASSES; pass++) {
      try (ShardReader reader = ShardReader.open(hadoop, large(), buffer)) {
        for (int group = 0; group < reader.rowGroupRows().size(); group++) {
          reading.read(reader, group);
        }
      }
    }
    return PASSES * large.bytes() / seconds(began);
  }

  private interface GroupReading {
    void read(ShardReader reader, int group) throws IOException;
  }

  /** Bytes per second at which cat reads the same file. */
  double catSpeed() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("cat"));
    command.addAll(Collections.nCopies(PASSES, large().toUri().getPath()));
    ProcessBuilder cat =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    long began = System.nanoTime();
    Process process = cat.start();
    if (!process.waitFor(CAT_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("cat of " + large() + " failed");
    }
    return PASSES * large.bytes() / seconds(began);
  }

  /** Bytes per second at which pictures become a shard. */
  double writeSpeed() throws IOException {
    long began = System.nanoTime();
    writeShard();
    return bytes / seconds(began);
  }

  /** Bytes per second at which the same pictures are copied into one file. */
  double plainWriteSpeed() throws IOException {
    long began = System.nanoTime();
    long copied = 0;
    byte[] buffer = new byte[1 << 20];
    Path target = new Path(root, "copy");
    try (OutputStream out = files().create(target, true)) {
      for (Listed found : listed) {
        Path file = new Path(((SampleRef) found).path());
        try (InputStream in = files().open(file)) {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            copied += n;
          }
        }
      }
    }
    double speed = copied / seconds(began);
    files().delete(target, false);
    return speed;
  }

  private ShardSummary writeShard() throws IOException {
    return ShardWriter.write(
        hadoop, shard(), TargetKind.CLASSIFICATION, listed.iterator(), ShardSettings.defaults());
  }

  /** The pictures over and over: opening a file must not count for more than it does. */
  private ShardSummary writeLarge() throws IOException {
    int times = Math.toIntExact((READ_BYTES + bytes - 1) / bytes);
    List<Listed> all = Collections.nCopies(times, listed).stream().flatMap(List::stream).toList();
    return ShardWriter.write(
        hadoop, large(), TargetKind.CLASSIFICATION, all.iterator(), ShardSettings.defaults());
  }

  private Path shard() {
    return new Path(root, SPLIT + "/" + ShardSummary.fileName(0, 1));
  }

  private Path large() {
    return new Path(root, "large.parquet");
  }

  private FileSystem files() throws IOException {
    return pictures.getFileSystem(hadoop);
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
