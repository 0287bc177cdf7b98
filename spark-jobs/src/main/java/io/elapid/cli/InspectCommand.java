package io.elapid.cli;

import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.KeepRatioResize;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.RandomCrop;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.augment.RatioRangeResize;
import io.elapid.data.shard.Manifest;
import io.elapid.data.target.TargetKind;
import io.elapid.job.InspectJob;
import io.elapid.worker.Augmentation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a page that shows a prepared data set: pictures with their boxes, masks or label maps, the same pictures",
      "after augmentation, how often each class occurs, and how large pictures are. Needs no cluster."
    },
    footer = {"", "Example: elapid inspect hdfs:///data/coco --out coco.html"})
final class InspectCommand implements Callable<Integer> {
  private static final int CROP = 224;

  @Parameters(paramLabel = "DATASET", description = "what prepare wrote, any Hadoop path")
  private String dataset;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "inspect.html",
      description = "the page, any Hadoop path (default: ${DEFAULT-VALUE})")
  private String out;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      defaultValue = "train",
      description = "split that is shown (default: ${DEFAULT-VALUE})")
  private String split;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      defaultValue = "24",
      description = "pictures that are shown (default: ${DEFAULT-VALUE})")
  private int pictures;

  @Option(
      names = "--recipe",
      paramLabel = "FILE|NAME",
      description = "whose train-transforms are shown (default: those usual for the kind of data)")
  private String recipe;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "overrides a key of the recipe; may be repeated")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "of the augmentation (default: ${DEFAULT-VALUE})")
  private long seed;

  @Override
  public Integer call() throws Exception {
    Limits.require("--pictures", pictures, 1, 1000);
    if (recipe == null && !overrides.isEmpty()) {
      throw new InputException(
          "-D %s changes a recipe, and none is named".formatted(overrides.get(0)), "add --recipe");
    }
    Configuration hadoop = new Configuration();
    Path page = new Path(out);
    FileSystem files = page.getFileSystem(hadoop);
    if (files.exists(page) && files.getFileStatus(page).isDirectory()) {
      throw new InputException("--out: %s is a folder".formatted(page), "name a file");
    }
    Path root = new Path(dataset);
    InspectJob job = new InspectJob(hadoop, root, split);
    Pipeline pipeline =
        recipe == null
            ? usual(Manifest.read(hadoop, root).kind())
            : Augmentation.of(RecipeLoader.load(recipe, overrides));
    job.run(files.makeQualified(page), pictures, pipeline, seed, System.out);
    return 0;
  }

  private static Pipeline usual(TargetKind kind) {
    HorizontalFlip flip = new HorizontalFlip(0.5);
    return new Pipeline(
        switch (kind) {
          case CLASSIFICATION -> List.of(RandomResizedCrop.of(CROP, Interpolation.BICUBIC), flip);
          case DETECTION -> List.of(new KeepRatioResize(1333, List.of(480, 640, 800)), flip);
          case SEGMENTATION ->
              List.of(new RatioRangeResize(2048, 512, 0.5, 2.0), new RandomCrop(512, 0.75), flip);
        });
  }
}
