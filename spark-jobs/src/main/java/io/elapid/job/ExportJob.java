package io.elapid.job;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.Content;
import io.elapid.checkpoint.Existing;
import io.elapid.checkpoint.ModelFolder;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.WeightFile;
import io.elapid.config.RecipeNetworks;
import io.elapid.data.InputException;
import io.elapid.engine.Classifier;
import io.elapid.engine.Network;
import io.elapid.export.OnnxExport;
import io.elapid.export.OnnxModel;
import io.elapid.model.Pretrained;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Hands a trained network on to other programs. Needs no Spark. */
public final class ExportJob {
  private static final String ONNX_FILE = "model.onnx";

  private final Configuration hadoop;
  private final PrintStream out;

  /**
   * What is wanted.
   *
   * @param to the folder with {@link ExportFormat#MODEL}, else the file
   * @param formats one, or the folder and ONNX
   */
  public record Request(Path to, Set<ExportFormat> formats, Existing existing) {
    /** Checks that the formats go together. */
    public Request {
      formats = Set.copyOf(formats);
      if (formats.isEmpty() || (formats.size() > 1 && !formats.contains(ExportFormat.MODEL))) {
        throw new InputException(
            "--format: one file cannot hold " + formats,
            "export one after the other, or both in a folder: --format model,onnx");
      }
    }

    boolean wantsOnnx() {
      return formats.contains(ExportFormat.ONNX);
    }

    boolean isFolder() {
      return formats.contains(ExportFormat.MODEL);
    }
  }

  public ExportJob(Configuration hadoop, PrintStream out) {
    this.hadoop = hadoop;
    this.out = out;
  }

  /**
   * Says what {@link #run} would do, having checked what can be without doing it.
   *
   * @throws InputException if something is in the way
   */
  public void plan(SavedModel model, Request request) throws IOException {
    if (request.wantsOnnx()) {
      onnxOutputs(model, network(model, weights(model)));
    }
    String files;
    if (request.isFolder()) {
      ModelFolder.create(hadoop, request.to(), request.existing());
      files = String.join(", ", ModelCard.FILES.keySet());
      files += request.wantsOnnx() ? ", " + ONNX_FILE : "";
    } else {
      WeightFile.create(hadoop, request.to(), request.existing());
      files = "one file";
    }
    out.printf(
        Locale.ROOT,
        "export: would write %s, %,d classes, from %s to %s: %s%n",
        model.meta().model(),
        model.meta().classes(),
        model.source(),
        request.to(),
        files);
  }

  /**
   * Writes the model; it appears when it is whole.
   *
   * @throws InputException if something is in the way, or the weights are damaged
   */
  public void run(SavedModel model, Request request) throws IOException {
    Parts parts;
    if (request.isFolder()) {
      ModelFolder folder = ModelFolder.create(hadoop, request.to(), request.existing());
      parts = parts(model, request);
      folder.write(parts.meta(), List.copyOf(parts.weights().tensors().values()), parts.others());
    } else {
      WeightFile file = WeightFile.create(hadoop, request.to(), request.existing());
      parts = parts(model, request);
      if (parts.onnx().isPresent()) {
        file.write(parts.onnx().get()::writeTo);
      } else {
        file.write(parts.weights());
      }
    }
    out.printf(
        Locale.ROOT,
        "export: %s: %s, %,d classes, from %s%n",
        request.to(),
        parts.meta().model(),
        parts.meta().classes(),
        parts.weights().source());
  }

  /**
   * What is to be written.
   *
   * @param weights that say what they are
   * @param onnx if it is wanted
   */
  private record Parts(
      ModelWeights weights, String config, ModelCard card, Optional<OnnxModel> onnx) {
    CheckpointMeta meta() {
      return weights.meta().orElseThrow();
    }

    /** What lies in a folder beside weights, recipe and manifest. */
    Map<String, Content> others() {
      Map<String, Content> others = new LinkedHashMap<>();
      others.put("config.json", text(config));
      onnx.ifPresent(model -> others.put(ONNX_FILE, model::writeTo));
      others.put("README.md", text(card.markdown()));
      return others;
    }

    private static Content text(String text) {
      return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Parts parts(SavedModel model, Request request) throws IOException {
    ModelWeights loaded = weights(model);
    Network<?> network = network(model, loaded);
    Map<String, List<Long>> outputs = request.wantsOnnx() ? onnxOutputs(model, network) : Map.of();
    CheckpointMeta meta = model.meta().withRecipe(model.recipe().render());
    String config = ModelConfig.json(meta, model.recipe(), outputs);
    Optional<OnnxModel> onnx =
        request.wantsOnnx() ? Optional.of(onnx(model, network, loaded, config)) : Optional.empty();
    String name = request.to().getName();
    return new Parts(
        new ModelWeights(loaded.source(), Optional.of(meta), loaded.tensors()),
        config,
        new ModelCard(model.meta(), model.recipe(), network, name, outputs, onnx),
        onnx);
  }

  /**
   * The outputs of the ONNX form by name, with the size of each for a picture.
   *
   * @throws InputException if there is none
   */
  private static Map<String, List<Long>> onnxOutputs(SavedModel model, Network<?> network) {
    return OnnxExport.outputs(network, model.recipe().model().imageSize());
  }

  private static Network<?> network(SavedModel model, ModelWeights weights) {
    int classes = model.meta().classes();
    return switch (model.recipe().task().type()) {
      case CLASSIFICATION -> new Classifier(Pretrained.network(weights), classes);
      case SEMANTIC_SEGMENTATION -> RecipeNetworks.labels(model.recipe(), classes);
      case OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          RecipeNetworks.objects(model.recipe(), classes);
    };
  }

  private ModelWeights weights(SavedModel model) throws IOException {
    return Pretrained.load(
        hadoop, new Path(model.source()), model.variant(), Optional.of(model.meta().model()));
  }

  private OnnxModel onnx(
      SavedModel model, Network<?> network, ModelWeights weights, String config) {
    Map<String, String> metadata =
        Map.of("elapid.model", model.meta().model(), "elapid.config", config);
    OnnxModel onnx =
        OnnxExport.of(network, model.recipe().model().imageSize(), weights.tensors(), metadata);
    out.printf(
        Locale.ROOT,
        "export: ONNX opset %d: %,d operators of %d kinds, %.1f MB%n",
        OnnxExport.OPSET,
        onnx.nodes(),
        onnx.operators().size(),
        onnx.bytes() / 1e6);
    return onnx;
  }
}
