package io.elapid.cli;

import io.elapid.data.target.TargetKind;
import io.elapid.job.GeneratedPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "data",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the way from encoded pictures to batches: decode, random resized crop, flip, normalise, from Parquet.",
      "Then reading a shard of 256 MiB against cat, and writing one against copying the same pictures. Also with plain ImageIO.",
      "--peer takes turns with torchvision's ImageFolder and DataLoader on the same pictures."
    },
    footer = {"", "Example: elapid bench data --peer"})
final class BenchDataCommand implements Callable<Integer> {
  /** Readings of the large shard for every pass over the pictures. */
  private static final int TURNS = 2;

  @Option(
      names = "--pictures",
      paramLabel = "DIR",
      description =
          "class folders train and val of pictures (default: generated ones of 433 x 433)")
  private String pictures;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "600",
      description = "pictures to generate (default: ${DEFAULT-VALUE})")
  private int count;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      defaultValue = "224",
      description = "side of the network's input (default: ${DEFAULT-VALUE})")
  private int size;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "decoding threads (default: ${DEFAULT-VALUE}); the peer has one")
  private int threads;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "passes, whose median is told; one more warms up (default: ${DEFAULT-VALUE})")
  private int runs;

  @Option(names = "--peer", description = "compares with torchvision, which must be installed")
  private boolean peer;

  @Override
  public Integer call() throws Exception {
    Limits.require("--count", count, 10, 1_000_000);
    Limits.require("--size", size, 16, 4096);
    Limits.require("--threads", threads, 1, 256);
    Limits.require("--runs", runs, 1, 1000);
    Configuration hadoop = new Configuration();
    java.nio.file.Path work = Files.createTempDirectory("elapid-bench-data");
    try {
      measure(hadoop, work);
    } finally {
      Path root = new Path(work.toUri());
      root.getFileSystem(hadoop).delete(root, true);
    }
    return 0;
  }

  private void measure(Configuration hadoop, java.nio.file.Path work)
      throws IOException, InterruptedException {
    Path folder = pictures == null ? new Path(work.resolve("raw").toUri()) : new Path(pictures);
    if (pictures == null) {
      GeneratedPictures made =
          new GeneratedPictures(TargetKind.CLASSIFICATION, 10, BenchPrepareCommand.SIDE, 1);
      Shapes.generate(hadoop, folder, made, count, 10, System.out);
    }
    DataBench bench =
        new DataBench(hadoop, folder, new Path(work.resolve("shards").toUri()), size, threads);
    ImageFolderPeer other =
        peer
            ? new ImageFolderPeer(
                java.nio.file.Path.of(new Path(folder, "train").toUri().getPath()),
                size,
                DataBench.BATCH)
            : null;
    List<Double> ours = new ArrayList<>();
    List<Double> imageIo = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    List<Double> reading = new ArrayList<>();
    List<Double> samples = new ArrayList<>();
    List<Double> writing = new ArrayList<>();
    String versions = "";
    for (int run = 0; run <= runs; run++) {
      double speed = bench.picturesPerSecond();
      double plain = bench.imageIoPicturesPerSecond();
      double write = bench.writeSpeed() / bench.plainWriteSpeed();
      if (other != null) {
        ImageFolderPeer.Pass pass = other.run();
        versions = pass.versions();
        theirs.add(pass.picturesPerSecond());
      }
      if (run > 0) {
        ours.add(speed);
        imageIo.add(plain);
        writing.add(write);
      }
    }
    for (int turn = 0; turn <= TURNS * runs; turn++) {
      double cat = bench.catSpeed();
      double read = bench.readSpeed() / cat;
      double kept = bench.sampleSpeed() / cat;
      if (turn >= TURNS) {
        reading.add(read);
        samples.add(kept);
      }
    }
    print("%d pictures, shard of %.1f MB%n", bench.count(), bench.bytes() / 1e6);
    print("decode, crop, flip, normalise: %.0f pictures/s in %d threads%n", median(ours), threads);
    print(
        "the same with ImageIO: %.0f pictures/s; ours is %.2f times that%n",
        median(imageIo), median(ours) / median(imageIo));
    if (other != null) {
      print(
          "%s: %.0f pictures/s; ours is %.2f times that%n",
          versions, median(theirs), median(ours) / median(theirs));
    }
    print(
        "shard of %.0f MB read at %.0f %% of the speed of cat, at %.0f %% with samples in memory of"
            + " their own%n",
        bench.largeBytes() / 1e6, 100 * median(reading), 100 * median(samples));
    print("shard written at %.0f %% of the speed of a copy%n", 100 * median(writing));
  }

  private static void print(String format, Object... arguments) {
    System.out.printf(Locale.ROOT, format, arguments);
  }

  private static double median(List<Double> values) {
    return Spread.of(values).median();
  }
}
