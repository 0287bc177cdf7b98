package io.elapid.cli;

import io.elapid.data.target.TargetKind;
import io.elapid.job.GeneratedPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the job that prepares pictures against cp -r of their folder, in turns, on all cores.",
      "Pictures that were just generated are still in memory, so that reading them costs neither anything; --work in a",
      "memory file system such as /dev/shm leaves what the processor does."
    },
    footer = {
      "",
      "Example: elapid bench prepare --pictures /raw/sample --work /data/scratch",
      "         elapid bench prepare --count 5000 --runs 3"
    })
final class BenchPrepareCommand implements Callable<Integer> {
  /** As many pixels as ImageNet's 500 x 375. */
  static final int SIDE = 433;

  /** Runs until Spark and the check of pictures are compiled. */
  private static final int WARM_UPS = 6;

  @Option(
      names = "--pictures",
      paramLabel = "DIR",
      description =
          "local class folders train and val of pictures (default: generated ones of 433 x 433)")
  private Path pictures;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "2000",
      description = "pictures to generate (default: ${DEFAULT-VALUE})")
  private int count;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "20",
      description =
          "files that each generated picture is copied to, for what starting a job costs counts less in a longer one (default: ${DEFAULT-VALUE})")
  private int repeat;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "local folder to write copies and shards in (default: that of temporary files)")
  private Path work;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "of each; six more warm up (default: ${DEFAULT-VALUE})")
  private int runs;

  @Option(
      names = "--sync",
      description =
          "measure until sync says that what was written is on its storage; otherwise until the system has taken it, as a command returns then")
  private boolean sync;

  @Override
  public Integer call() throws Exception {
    Limits.require("--count", count, 10, 1_000_000);
    Limits.require("--repeat", repeat, 1, 1000);
    Limits.require("--runs", runs, 1, 1000);
    Path place =
        work == null
            ? Files.createTempDirectory("elapid-bench-prepare")
            : Files.createTempDirectory(Files.createDirectories(work), "elapid-bench-prepare");
    try {
      measure(pictures == null ? generated(place) : pictures, place);
    } finally {
      PrepareTrial.delete(place);
    }
    return 0;
  }

  private Path generated(Path place) throws IOException {
    Path folder = place.resolve("raw");
    GeneratedPictures made = new GeneratedPictures(TargetKind.CLASSIFICATION, 10, SIDE, 1);
    org.apache.hadoop.fs.Path out = new org.apache.hadoop.fs.Path(folder.toUri());
    Shapes.generate(new Configuration(), out, made, count, 10, System.out);
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder.resolve("train"))) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      for (int copy = 1; copy < repeat; copy++) {
        Files.copy(file, file.resolveSibling(copy + "-" + file.getFileName()));
      }
    }
    return folder;
  }

  private void measure(Path folder, Path place) throws IOException, InterruptedException {
    double megabytes = PrepareTrial.bytes(folder) / 1e6;
    List<PrepareTrial.Times> times =
        PrepareTrial.run(
            folder,
            place,
            runs + WARM_UPS,
            sync ? PrepareTrial.Until.STORED : PrepareTrial.Until.TAKEN,
            run -> print(run, megabytes));
    Spread ratio =
        Spread.of(
            times.stream().skip(WARM_UPS).map(run -> run.copying() / run.preparing()).toList());
    System.out.printf(
        Locale.ROOT,
        "prepared at %.0f %% of the speed of cp -r (%.0f to %.0f %%)%n",
        100 * ratio.median(),
        100 * ratio.least(),
        100 * ratio.most());
  }

  private static void print(PrepareTrial.Times run, double megabytes) {
    System.out.printf(
        Locale.ROOT,
        "%.1f MB: cp -r %.2f s (%.0f MB/s), prepare %.2f s (%.0f MB/s)%n",
        megabytes,
        run.copying(),
        megabytes / run.copying(),
        run.preparing(),
        megabytes / run.preparing());
  }
}
