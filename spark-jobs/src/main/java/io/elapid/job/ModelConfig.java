package io.elapid.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.config.Recipe;
import io.elapid.config.TaskSpec;
import io.elapid.data.source.ClassLabel;
import io.elapid.export.OnnxExport;
import java.util.List;
import java.util.Map;

/** What a program of another kind must know to use a model. */
final class ModelConfig {
  private static final int VERSION = 2;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ModelConfig() {}

  /**
   * As JSON.
   *
   * @param onnx name to size for a picture of the outputs of the network's ONNX form; empty if that
   *     is not there
   */
  static String json(CheckpointMeta meta, Recipe recipe, Map<String, List<Long>> onnx) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", "elapid-model").put("version", VERSION);
    root.put("model", meta.model());
    root.put("task", recipe.task().type().key());
    root.put("classes", meta.classes());
    root.put("image_size", recipe.model().imageSize());
    ArrayNode labels = root.putArray("labels");
    meta.classLabels().stream().map(ClassLabel::name).forEach(labels::add);
    root.set("preprocessing", preprocessing(recipe));
    if (!onnx.isEmpty()) {
      root.set("onnx", onnx(recipe, onnx));
    }
    try {
      return JSON.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static ObjectNode preprocessing(Recipe recipe) {
    ObjectNode node = JSON.createObjectNode();
    ArrayNode steps = node.putArray("steps");
    Preprocessing.of(recipe).steps().forEach(steps::add);
    node.put("scale", 1.0 / 255);
    recipe.data().mean().forEach(node.putArray("mean")::add);
    recipe.data().std().forEach(node.putArray("std")::add);
    node.put("padding", Preprocessing.of(recipe).padding().orElse("none"));
    return node;
  }

  private static ObjectNode onnx(Recipe recipe, Map<String, List<Long>> outputs) {
    ObjectNode node = JSON.createObjectNode();
    node.put("opset", OnnxExport.OPSET).put("input", OnnxExport.IMAGES);
    node.put("layout", "batch, RGB, rows, columns");
    ObjectNode sizes = node.putObject("outputs");
    outputs.forEach((name, size) -> size.forEach(sizes.putArray(name)::add));
    node.put("meaning", meaning(recipe.task().type()));
    return node;
  }

  /** What the outputs of a network's ONNX form are, apart from the batch that they begin with. */
  static String meaning(TaskSpec.Type task) {
    return switch (task) {
      case CLASSIFICATION -> "logits of the classes";
      case SEMANTIC_SEGMENTATION ->
          "scores of the classes for a coarser grid, to be resized to the picture; the largest wins";
      case OBJECT_DETECTION ->
          "class logits and box offsets of the anchors of each level, the finest being 0, before"
              + " anything is chosen from them";
      case INSTANCE_SEGMENTATION -> throw new IllegalArgumentException("there is no ONNX form");
    };
  }
}
