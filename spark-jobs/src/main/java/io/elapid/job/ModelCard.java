package io.elapid.job;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.config.Recipe;
import io.elapid.config.TaskSpec;
import io.elapid.engine.Network;
import io.elapid.export.OnnxExport;
import io.elapid.export.OnnxModel;
import io.elapid.model.Models;
import io.elapid.observe.ShellWords;
import io.elapid.worker.TrainingSetup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The page that goes with an exported model: what it is, how good, how it came about, how to use
 * it.
 *
 * @param meta as the weights came
 * @param folder name of the folder that it lies in
 * @param outputs of the ONNX form, by name, with the size of each for a picture
 */
record ModelCard(
    CheckpointMeta meta,
    Recipe recipe,
    Network<?> network,
    String folder,
    Map<String, List<Long>> outputs,
    Optional<OnnxModel> onnx) {

  /** The files of every exported model and what they hold. */
  static final Map<String, String> FILES = files();

  private static Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("README.md", "this page");
    files.put("model.safetensors", "weights, named as in the published network");
    files.put("config.json", "classes and preprocessing, for other programs");
    files.put("recipe.conf", "every setting, resolved");
    files.put("manifest.json", "sizes and SHA-256 of the files");
    return files;
  }

  String markdown() {
    return String.join("\n", head(), results(), training(), input(), use(), contents(), origin());
  }

  private String head() {
    int side = recipe.model().imageSize();
    long parameters = TrainingSetup.parameters(recipe, network);
    String paper =
        Models.facts(meta.model())
            .filter(f -> classifies())
            .map(f -> ", as published for %d x %d pictures".formatted(f.imageSize(), f.imageSize()))
            .orElse("");
    return """
        # %s

        %s: `%s`%s, %.2f M parameters%s.
        """
        .formatted(
            folder,
            what().formatted(meta.classes()),
            network.name(),
            paper,
            parameters / 1e6,
            classifies() ? ", pictures of %d x %d".formatted(side, side) : "");
  }

  private boolean classifies() {
    return recipe.task().type() == TaskSpec.Type.CLASSIFICATION;
  }

  private String what() {
    return switch (recipe.task().type()) {
      case CLASSIFICATION -> "A vision-Mamba network that tells %,d classes of pictures apart";
      case SEMANTIC_SEGMENTATION ->
          "A network on a vision-Mamba backbone that gives every pixel one of %,d classes";
      case OBJECT_DETECTION ->
          "A network on a vision-Mamba backbone that finds objects of %,d classes";
      case INSTANCE_SEGMENTATION ->
          "A network on a vision-Mamba backbone that finds objects of %,d classes and their pixels";
    };
  }

  private String results() {
    if (meta.metrics().isEmpty()) {
      return "## Results\n\nNone were measured of these weights.\n";
    }
    return "## Results\n\n"
        + table(
            "result",
            "value",
            meta.metrics().entrySet().stream()
                .collect(
                    Collectors.toMap(
                        Map.Entry::getKey,
                        e -> String.format(Locale.ROOT, "%.4f", e.getValue()),
                        (a, b) -> a,
                        LinkedHashMap::new)));
  }

  private String training() {
    if (meta.recipe().isBlank()) {
      return "## Training\n\nThe weights came without a recipe; pictures are prepared as in `%s`.\n"
          .formatted(recipe.name());
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("recipe", recipe.name());
    facts.put("data", recipe.data().path().orElse("not noted"));
    facts.put("steps and epochs done", meta.step() + ", " + meta.epoch());
    facts.put("pictures per step", Long.toString(recipe.batch().stepSize()));
    facts.put("weight decay", Double.toString(recipe.optimizer().weightDecay()));
    facts.put("moving average", Double.toString(recipe.ema().decay()));
    facts.put(
        "augmentation",
        recipe.data().trainTransforms().stream()
            .map(t -> t.getClass().getSimpleName())
            .collect(Collectors.joining(", ")));
    facts.put("seed", Long.toString(recipe.seed()));
    return "## Training\n\n" + table("setting", "value", facts);
  }

  private String input() {
    Preprocessing preparing = Preprocessing.of(recipe);
    List<String> steps = new ArrayList<>(preparing.steps());
    steps.add(
        "RGB scaled to 0..1, minus %s, divided by %s"
            .formatted(recipe.data().mean(), recipe.data().std()));
    preparing.padding().ifPresent(steps::add);
    return "## Input\n\n* " + String.join("\n* ", steps) + "\n";
  }

  private String use() {
    String commands =
        """
        ## Use

            elapid predict --weights %4$s%3$s cat.jpg

            try (Predictor predictor = Predictor.load("%1$s")) {                 // Java
              predictor.predict(Path.of("cat.jpg")).%2$s();
            }

            ElapidModel.of("%1$s").transform(spark.read.format("binaryFile").load("pictures"))    // Spark
        """
            .formatted(
                folder, asked(), classifies() ? "" : " --out drawn/", ShellWords.quoted(folder));
    return onnx.isEmpty() ? commands : commands + onnxUse(onnx.get());
  }

  /** What of a prediction there is to look at. */
  private String asked() {
    return switch (recipe.task().type()) {
      case CLASSIFICATION -> "candidates";
      case SEMANTIC_SEGMENTATION -> "labelMap";
      case OBJECT_DETECTION, INSTANCE_SEGMENTATION -> "objects";
    };
  }

  private String onnxUse(OnnxModel model) {
    int side = recipe.model().imageSize();
    String named =
        outputs.entrySet().stream()
            .map(
                output ->
                    "`%s` (batch, %s)"
                        .formatted(
                            output.getKey(),
                            output.getValue().stream()
                                .map(Object::toString)
                                .collect(Collectors.joining(", "))))
            .collect(Collectors.joining(", "));
    return """

        `model.onnx` is the network with its batch norms folded away: opset %d, %,d operators, no loops. Input `%s`
        (batch, 3, %d, %d) as above; the batch is free. Output: %s; %s.
        """
        .formatted(
            OnnxExport.OPSET,
            model.nodes(),
            OnnxExport.IMAGES,
            side,
            side,
            named,
            ModelConfig.meaning(recipe.task().type()));
  }

  private String contents() {
    Map<String, String> files = new LinkedHashMap<>(FILES);
    if (onnx.isPresent()) {
      files.put("model.onnx", "the network for ONNX runtimes");
    }
    return "## Files\n\n" + table("file", "what is in it", files);
  }

  private String origin() {
    return meta.provenance().isEmpty()
        ? ""
        : "## Provenance\n\n" + table("what", "value", meta.provenance());
  }

  private static String table(String left, String right, Map<String, String> rows) {
    List<String> lines =
        rows.entrySet().stream()
            .map(e -> "| %s | %s |".formatted(cell(e.getKey()), cell(e.getValue())))
            .toList();
    return "| %s | %s |\n|---|---|\n%s\n".formatted(left, right, String.join("\n", lines));
  }

  /** Nothing in a value ends its cell. */
  private static String cell(String text) {
    return text.replace("|", "\\|").replaceAll("\\s*\\R\\s*", " ");
  }
}
