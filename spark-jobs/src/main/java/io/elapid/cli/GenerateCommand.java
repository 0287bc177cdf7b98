package io.elapid.cli;

import io.elapid.data.source.ShapesSpec;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description =
        "Writes generated pictures of textured shapes as an ImageNet-like folder of JPEGs.",
    footer = {
      "",
      "Example: elapid generate /tmp/shapes --train 4000 --val 1000 --size 80 --seed 7"
    })
final class GenerateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "OUT", description = "new or empty folder, any Hadoop path")
  private String out;

  @Option(
      names = "--train",
      defaultValue = "4000",
      description = "training pictures (default: ${DEFAULT-VALUE})")
  private int train;

  @Option(
      names = "--val",
      defaultValue = "1000",
      description = "validation pictures (default: ${DEFAULT-VALUE})")
  private int validation;

  @Option(
      names = "--classes",
      defaultValue = "10",
      description = "number of classes (default: ${DEFAULT-VALUE})")
  private int classes;

  @Option(
      names = "--size",
      defaultValue = "80",
      description = "side of a picture in pixels (default: ${DEFAULT-VALUE})")
  private int size;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "what the pictures depend on (default: ${DEFAULT-VALUE})")
  private long seed;

  @Override
  public Integer call() throws Exception {
    Configuration hadoop = new Configuration();
    Path folder = new Path(out);
    Shapes.generate(
        hadoop, folder, new ShapesSpec(train, validation, classes, size, seed), System.out);
    return 0;
  }
}
