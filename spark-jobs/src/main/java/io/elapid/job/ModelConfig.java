package io.elapid.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.config.Recipe;
import io.elapid.config.TransformSpec;
import io.elapid.data.source.ClassLabel;
import io.elapid.export.OnnxExport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a program of another kind must know to use a model. */
final class ModelConfig {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ModelConfig() {}

  /** As JSON. */
  static String json(CheckpointMeta meta, Recipe recipe) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", "elapid-model").put("version", 1);
    root.put("model", meta.model());
    root.put("task", recipe.task().type().key());
    root.put("classes", meta.classes());
    root.put("image_size", recipe.model().imageSize());
    ArrayNode labels = root.putArray("labels");
    meta.classLabels().stream().map(ClassLabel::name).forEach(labels::add);
    root.set("preprocessing", preprocessing(recipe));
    root.putObject("onnx")
        .put("opset", OnnxExport.OPSET)
        .put("input", OnnxExport.IMAGES)
        .put(
            "output",
            switch (recipe.task().type()) {
              case CLASSIFICATION -> OnnxExport.LOGITS;
              case SEMANTIC_SEGMENTATION -> "scores";
              case OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
                  "scores.LEVEL and boxes.LEVEL, the finest level being 0";
            })
        .put("layout", "batch, RGB, rows, columns");
    try {
      return JSON.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static ObjectNode preprocessing(Recipe recipe) {
    ObjectNode node = JSON.createObjectNode();
    ArrayNode steps = node.putArray("steps");
    steps(recipe).forEach(steps::add);
    node.put("scale", 1.0 / 255);
    recipe.data().mean().forEach(node.putArray("mean")::add);
    recipe.data().std().forEach(node.putArray("std")::add);
    return node;
  }

  /** How a picture is brought to the network's size, in words. */
  static List<String> steps(Recipe recipe) {
    int side = recipe.model().imageSize();
    List<String> steps = new ArrayList<>();
    for (TransformSpec spec : recipe.data().evalTransforms()) {
      if (spec instanceof TransformSpec.Resize resize) {
        String how = resize.interpolation().name().toLowerCase(Locale.ROOT);
        steps.add("resize the short side to %d, %s".formatted(resize.shortSide(side), how));
      } else if (spec instanceof TransformSpec.CenterCrop) {
        steps.add("crop the middle %d x %d".formatted(side, side));
      } else {
        steps.add(spec.toString());
      }
    }
    return steps;
  }
}
