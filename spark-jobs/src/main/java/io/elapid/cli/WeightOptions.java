package io.elapid.cli;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.job.SavedModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Option;

/** The options of every command that uses saved weights. */
final class WeightOptions {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "PATH",
      description =
          "output folder of a run (its newest checkpoint), a checkpoint, an exported model, a .safetensors file, or a PyTorch checkpoint (.pth)")
  private String weights;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "network of weights that do not say which one, as those of PyTorch")
  private String model;

  @Option(
      names = "--variant",
      defaultValue = "model",
      paramLabel = "model|ema",
      description = "the weights as trained, or their moving average (default: ${DEFAULT-VALUE})")
  private ModelWeights.Variant variant;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "overrides a key of the recipe that was stored with the weights")
  private List<String> overrides = new ArrayList<>();

  /** Lets the network use the whole machine, unless the user says otherwise. */
  void useAllCores() {
    overrides.add(
        0, "cluster.threads-per-rank=" + Math.min(64, Runtime.getRuntime().availableProcessors()));
  }

  /** Finds the weights and uses them as {@link SavedModel#used} does. */
  <T> T use(Configuration hadoop, SavedModel.Use<T> use) throws Exception {
    return SavedModel.used(hadoop, () -> open(hadoop), use);
  }

  private SavedModel open(Configuration hadoop) throws IOException {
    return SavedModel.open(
        hadoop, new Path(weights), variant, Optional.ofNullable(model), overrides);
  }
}
