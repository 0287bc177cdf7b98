package io.elapid.cli;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.checkpoint.WeightFile;
import io.elapid.job.SavedModel;
import io.elapid.model.Pretrained;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Writes weights of PyTorch, a run or a checkpoint as one .safetensors file, which PyTorch reads too.",
      "No code in a PyTorch checkpoint is run; what is not plain data is refused by its name.",
      "A network that is to be used elsewhere is better exported: elapid export."
    },
    footer = {"", "Example: elapid convert tinyvim_s.pth tinyvim_s.safetensors --model tinyvim_s"})
final class ConvertCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "IN", description = "weights, any Hadoop path")
  private String in;

  @Parameters(index = "1", paramLabel = "OUT", description = "new file, any Hadoop path")
  private String out;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description =
          "the network they belong to: checks every name and shape, and notes it in the file")
  private String model;

  @Option(
      names = "--variant",
      defaultValue = "model",
      paramLabel = "model|ema",
      description = "the weights as trained, or their moving average (default: ${DEFAULT-VALUE})")
  private ModelWeights.Variant variant;

  @Option(
      names = "--dry-run",
      description = "reads and checks the weights, says what would be written")
  private boolean dryRun;

  @Override
  public Integer call() throws Exception {
    Configuration hadoop = new Configuration();
    WeightFile file = WeightFile.create(hadoop, new Path(out));
    ModelWeights weights =
        model == null
            ? ModelWeights.load(hadoop, new Path(in), variant)
            : Pretrained.load(hadoop, new Path(in), variant, Optional.of(model));
    if (!dryRun) {
      file.write(described(weights));
    }
    System.out.println(summary(weights));
    return 0;
  }

  /** Outside of its checkpoint nothing tells any more which of the weights were evaluated. */
  private static ModelWeights described(ModelWeights weights) {
    return weights.meta().isEmpty()
        ? weights
        : new ModelWeights(
            weights.source(), Optional.of(SavedModel.measured(weights)), weights.tensors());
  }

  private String summary(ModelWeights weights) {
    long elements = weights.tensors().values().stream().mapToLong(NamedTensor::elements).sum();
    String what =
        weights
            .meta()
            .map(m -> String.format(Locale.ROOT, "%s, %,d classes", m.model(), m.classes()))
            .orElse("unnamed network");
    return String.format(
        Locale.ROOT,
        "convert: %s%s: %,d tensors, %,d elements (%s) from %s",
        dryRun ? "would write " : "",
        out,
        weights.tensors().size(),
        elements,
        what,
        weights.source());
  }
}
