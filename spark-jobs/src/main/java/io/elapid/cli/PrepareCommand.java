package io.elapid.cli;

import io.elapid.data.InputException;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import io.elapid.job.PrepareJob;
import io.elapid.job.PrepareOptions;
import io.elapid.job.Session;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = {
      "Shards a raw data set into Parquet; the pictures' encoded bytes stay as they are.",
      "imagenet: raw archives and devkit, class folders, the Kaggle tree, or folders with side files.",
      "coco: annotations/instances_{train,val}2017.json with the folders train2017 and val2017.",
      "ade20k: ADEChallengeData2016 with the folders images and annotations."
    },
    footer = {"", "Example: elapid prepare imagenet hdfs:///raw/imagenet hdfs:///data/imagenet"})
final class PrepareCommand implements Callable<Integer> {
  private static final int MIB = 1 << 20;

  /** The forms of raw data sets that are read. */
  enum Kind {
    IMAGENET,
    COCO,
    ADE20K
  }

  @Parameters(index = "0", paramLabel = "KIND", description = "${COMPLETION-CANDIDATES}")
  private Kind kind;

  @Parameters(index = "1", paramLabel = "IN", description = "the raw data set, any Hadoop path")
  private String in;

  @Parameters(
      index = "2",
      paramLabel = "OUT",
      description = "new folder for the shards, any Hadoop path")
  private String out;

  @Option(
      names = "--shard-size",
      paramLabel = "MiB",
      defaultValue = "256",
      description = "encoded MiB that a shard aims at (default: ${DEFAULT-VALUE})")
  private int shardSize;

  @Option(
      names = "--max-bad",
      paramLabel = "SHARE",
      defaultValue = "0.001",
      description =
          "share of unreadable files, 0 to 1, above which the job fails (default: ${DEFAULT-VALUE})")
  private double maxBad;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "what the global shuffle depends on (default: ${DEFAULT-VALUE})")
  private long seed;

  @Override
  public Integer call() throws Exception {
    if (shardSize < 1 || !(maxBad >= 0 && maxBad <= 1)) {
      throw new InputException(
          "prepare: --shard-size %d, --max-bad %s: out of range".formatted(shardSize, maxBad),
          "--shard-size is at least 1 (MiB), --max-bad lies between 0 and 1");
    }
    try (Session session = Session.open("prepare " + kind.name().toLowerCase(Locale.ROOT))) {
      PrepareOptions options =
          new PrepareOptions(
              new Path(in),
              new Path(out),
              (long) shardSize * MIB,
              ShardSettings.defaults(),
              maxBad,
              seed,
              session.parallelism() * 2);
      new PrepareJob(session, options, System.out)
          .run(() -> source(session.hadoop(), new Path(in)));
    }
    return 0;
  }

  private DataSource source(Configuration hadoop, Path folder) throws IOException {
    return switch (kind) {
      case IMAGENET -> ImageNetSource.open(hadoop, folder);
      case COCO -> CocoSource.open(hadoop, folder);
      case ADE20K -> Ade20kSource.open(hadoop, folder);
    };
  }
}
