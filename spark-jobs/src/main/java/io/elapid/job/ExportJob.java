package io.elapid.job;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.Content;
import io.elapid.checkpoint.Existing;
import io.elapid.checkpoint.ModelFolder;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.WeightFile;
import io.elapid.config.TaskSpec;
import io.elapid.data.InputException;
import io.elapid.export.OnnxExport;
import io.elapid.export.OnnxModel;
import io.elapid.model.Pretrained;
import io.elapid.predict.StoredRecipe;
import io.elapid.worker.TrainingSetup;
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
    requireFit(model, request);
    String files;
    if (request.isFolder()) {
      ModelFolder.create(hadoop, request.to(), request.existing());
      files = String.join(", ", ModelCard.FILES.keySet());
      files += request.formats().contains(ExportFormat.ONNX) ? ", " + ONNX_FILE : "";
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
    requireFit(model, request);
    ModelWeights weights =
        Pretrained.load(
            hadoop, new Path(model.source()), model.variant(), Optional.of(model.meta().model()));
    CheckpointMeta meta = model.meta().withRecipe(model.recipe().render());
    if (request.isFolder()) {
      folder(model, meta, weights, request);
    } else {
      WeightFile file = WeightFile.create(hadoop, request.to(), request.existing());
      if (request.formats().contains(ExportFormat.ONNX)) {
        file.write(onnx(model, weights)::writeTo);
      } else {
        file.write(new ModelWeights(weights.source(), Optional.of(meta), weights.tensors()));
      }
    }
    out.printf(
        Locale.ROOT,
        "export: %s: %s, %,d classes, from %s%n",
        request.to(),
        meta.model(),
        meta.classes(),
        weights.source());
  }

  private static void requireFit(SavedModel model, Request request) {
    if (request.isFolder()) {
      StoredRecipe.requireClassifier(model.recipe(), model.source(), "export --format model");
    }
    if (request.formats().contains(ExportFormat.ONNX)
        && model.recipe().task().type() == TaskSpec.Type.INSTANCE_SEGMENTATION) {
      throw new InputException(
          model.source() + ": Mask R-CNN looks twice at a picture, which no ONNX graph does",
          "export the weights by --format safetensors");
    }
  }

  private void folder(SavedModel model, CheckpointMeta meta, ModelWeights weights, Request request)
      throws IOException {
    ModelFolder folder = ModelFolder.create(hadoop, request.to(), request.existing());
    Map<String, Content> others = new LinkedHashMap<>();
    others.put("config.json", text(ModelConfig.json(meta, model.recipe())));
    Optional<OnnxModel> onnx = Optional.empty();
    if (request.formats().contains(ExportFormat.ONNX)) {
      onnx = Optional.of(onnx(model, weights));
      others.put(ONNX_FILE, onnx.get()::writeTo);
    }
    ModelCard card =
        new ModelCard(
            model.meta(),
            model.recipe(),
            Pretrained.network(weights),
            request.to().getName(),
            onnx);
    others.put("README.md", text(card.markdown()));
    folder.write(meta, List.copyOf(weights.tensors().values()), others);
  }

  private static Content text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private OnnxModel onnx(SavedModel model, ModelWeights weights) {
    int classes = model.meta().classes();
    int side = model.recipe().model().imageSize();
    Map<String, String> metadata =
        Map.of(
            "elapid.model", model.meta().model(),
            "elapid.config", ModelConfig.json(model.meta(), model.recipe()));
    OnnxModel onnx =
        model.recipe().task().type() == TaskSpec.Type.CLASSIFICATION
            ? OnnxExport.of(Pretrained.network(weights), classes, side, weights.tensors(), metadata)
            : OnnxExport.of(
                TrainingSetup.within(model.recipe(), classes), side, weights.tensors(), metadata);
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
