package io.elapid.cli;

import io.elapid.data.target.TargetKind;
import io.elapid.job.GeneratedPictures;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = {
      "Writes generated pictures of textured shapes in the form of a published data set.",
      "classification: one shape in each, as ImageNet's class folders.",
      "detection: several that hide parts of each other, with boxes, masks and crowds, as COCO.",
      "segmentation: the same pictures with a class for every pixel, as ADE20K."
    },
    footer = {
      "",
      "Examples: elapid generate /tmp/shapes --train 4000 --val 1000 --size 80 --seed 7",
      "          elapid generate /tmp/scenes --task detection \\",
      "            --train 800 --val 200 --classes 4",
      "          elapid prepare coco /tmp/scenes /tmp/scenes-shards"
    })
final class GenerateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "OUT", description = "new or empty folder, any Hadoop path")
  private String out;

  @Option(
      names = "--task",
      defaultValue = "classification",
      paramLabel = "KIND",
      description = "classification, detection or segmentation (default: ${DEFAULT-VALUE})")
  private TargetKind task;

  @Option(
      names = "--train",
      paramLabel = "N",
      defaultValue = "4000",
      description = "training pictures (default: ${DEFAULT-VALUE})")
  private int train;

  @Option(
      names = "--val",
      paramLabel = "N",
      defaultValue = "1000",
      description = "validation pictures (default: ${DEFAULT-VALUE})")
  private int validation;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "number of classes (default: 10, or 8 where a picture has several shapes)")
  private Integer classes;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "side of a picture in pixels (default: 80, or 192 with several shapes)")
  private Integer size;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "what the pictures depend on (default: ${DEFAULT-VALUE})")
  private long seed;

  @Override
  public Integer call() throws Exception {
    boolean single = task == TargetKind.CLASSIFICATION;
    GeneratedPictures pictures =
        new GeneratedPictures(
            task, or(classes, single ? 10 : 8), or(size, single ? 80 : 192), seed);
    Shapes.generate(new Configuration(), new Path(out), pictures, train, validation, System.out);
    return 0;
  }

  private static int or(Integer given, int otherwise) {
    return given == null ? otherwise : given;
  }
}
