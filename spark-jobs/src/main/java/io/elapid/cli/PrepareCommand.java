package io.elapid.cli;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.data.shard.ShardSettings;
import io.elapid.data.source.Ade20kSource;
import io.elapid.data.source.CocoSource;
import io.elapid.data.source.DataSource;
import io.elapid.data.source.ImageNetSource;
import io.elapid.job.PrepareJob;
import io.elapid.job.PrepareOptions;
import io.elapid.job.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
    footer = {
      "",
      "Examples: elapid prepare imagenet hdfs:///raw/imagenet hdfs:///data/imagenet",
      "          elapid prepare coco hdfs:///raw/coco hdfs:///data/coco --dry-run"
    })
final class PrepareCommand implements Callable<Integer> {
  private static final int MIB = 1 << 20;

  /** The forms of raw data sets that are read. */
  enum Kind {
    IMAGENET,
    COCO,
    ADE20K
  }

  @Parameters(index = "0", paramLabel = "KIND", description = "imagenet, coco or ade20k")
  private Kind kind;

  @Parameters(index = "1", paramLabel = "IN", description = "the raw data set, any Hadoop path")
  private String in;

  @Parameters(
      index = "2",
      paramLabel = "OUT",
      description = "new folder for the shards, any Hadoop path")
  private String out;

  @Option(
      names = "--recipe",
      paramLabel = "FILE|NAME",
      description = "recipe whose section 'prepare' is followed (default: that of conf/base.conf)")
  private String recipe;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description =
          "overrides a key of the recipe, such as prepare.row-group-size; may be repeated")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--shard-size",
      paramLabel = "MiB",
      description = "short for -D prepare.shard-size=MiB")
  private String shardSize;

  @Option(
      names = "--max-bad",
      paramLabel = "SHARE",
      description = "short for -D prepare.max-bad=SHARE")
  private String maxBad;

  @Option(names = "--seed", paramLabel = "N", description = "short for -D prepare.seed=N")
  private String seed;

  @Option(
      names = "--dry-run",
      description = "checks the settings and the layout of the raw data set, and stops")
  private boolean dryRun;

  @Override
  public Integer call() throws Exception {
    Recipe loaded = settings();
    Recipe.Prepare settings = loaded.prepare();
    requireNoOtherKind(new Configuration(), new Path(out));
    if (dryRun) {
      DataSource source = source(new Configuration(), new Path(in));
      System.out.printf(
          Locale.ROOT,
          "prepare: %s: %,d classes in %,d parts, would go to %s%n",
          in,
          source.classes().size(),
          source.units().size(),
          out);
      return 0;
    }
    try (Session session = Session.open("prepare " + name())) {
      PrepareOptions options =
          new PrepareOptions(
              new Path(in),
              new Path(out),
              (long) settings.shardSize() * MIB,
              new ShardSettings(
                  settings.rowGroupSize() * MIB,
                  settings.rowGroupRows(),
                  switch (settings.check()) {
                    case STRUCTURE -> ShardSettings.Check.STRUCTURE;
                    case PIXELS -> ShardSettings.Check.PIXELS;
                  }),
              settings.maxBad(),
              settings.seed(),
              session.parallelism() * 2,
              loaded.cluster().leaseTimeout());
      new PrepareJob(session, options, System.out)
          .run(() -> source(session.hadoop(), new Path(in)));
    }
    return 0;
  }

  /** What is finished is not prepared again; it had better be what is asked for. */
  private void requireNoOtherKind(Configuration hadoop, Path folder) throws IOException {
    if (Manifest.exists(hadoop, folder)) {
      String there = Manifest.read(hadoop, folder).dataset();
      if (!there.equals(name())) {
        throw new InputException(
            "%s: holds a finished data set of the kind %s, not %s".formatted(out, there, name()),
            "choose another OUT");
      }
    }
  }

  private String name() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private Recipe settings() {
    List<String> all = new ArrayList<>(overrides);
    addOverride(all, "prepare.shard-size", shardSize);
    addOverride(all, "prepare.max-bad", maxBad);
    addOverride(all, "prepare.seed", seed);
    return recipe == null
        ? RecipeLoader.parse("defaults", "", all)
        : RecipeLoader.load(recipe, all);
  }

  private static void addOverride(List<String> overrides, String key, String value) {
    if (value != null) {
      overrides.add(key + "=" + value);
    }
  }

  private DataSource source(Configuration hadoop, Path folder) throws IOException {
    return switch (kind) {
      case IMAGENET -> ImageNetSource.open(hadoop, folder);
      case COCO -> CocoSource.open(hadoop, folder);
      case ADE20K -> Ade20kSource.open(hadoop, folder);
    };
  }
}
