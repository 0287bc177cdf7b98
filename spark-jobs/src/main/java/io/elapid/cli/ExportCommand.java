package io.elapid.cli;

import io.elapid.checkpoint.Existing;
import io.elapid.job.ExportFormat;
import io.elapid.job.ExportJob;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Hands a trained network on. Format model: a folder with weights, preprocessing, recipe, checksums and a README,",
      "for predict, Java programs and Spark. Format onnx: the deploy form for ONNX runtimes, with a free batch size; of",
      "segmenters and detectors with one stage the raw scores and boxes, for squares of model.image-size; not of Mask R-CNN.",
      "Format safetensors: the weights alone, under their official names. What is written appears when it is whole."
    },
    footer = {
      "",
      "Examples: elapid export --weights runs/m1 --variant ema \\",
      "            --format model,onnx --out models/m1",
      "          elapid export --weights runs/m1 --format onnx --out m1.onnx"
    })
final class ExportCommand implements Callable<Integer> {
  @Mixin private WeightOptions weights;

  @Option(
      names = "--format",
      split = ",",
      defaultValue = "model",
      paramLabel = "model|onnx|safetensors",
      description = "one, or model,onnx for a folder with both (default: ${DEFAULT-VALUE})")
  private List<ExportFormat> formats;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PATH",
      description = "the folder of a model, else the file; any Hadoop path")
  private String out;

  @Option(names = "--force", description = "replaces a model or file that is there already")
  private boolean force;

  @Option(names = "--dry-run", description = "checks everything, says what would be written")
  private boolean dryRun;

  @Override
  public Integer call() throws Exception {
    Configuration hadoop = new Configuration();
    ExportJob.Request request =
        new ExportJob.Request(
            new Path(out), Set.copyOf(formats), force ? Existing.REPLACE : Existing.REFUSE);
    ExportJob job = new ExportJob(hadoop, System.out);
    return weights.use(
        hadoop,
        model -> {
          if (dryRun) {
            job.plan(model, request);
          } else {
            job.run(model, request);
          }
          return 0;
        });
  }
}
