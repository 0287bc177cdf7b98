package io.elapid.worker;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.source.ClassLabel;
import io.elapid.engine.Trainer;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.graph.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Small networks that find something within pictures, as they are before they learn. */
public enum UntrainedNetwork {
  RETINA_NET(
      """
      type = object-detection, frames = 2, neck.channels = 16
      detections { score-threshold = 0, max-per-picture = 6 }
      """),
  MASK_RCNN(
      """
      type = instance-segmentation, frames = 2, neck.channels = 16
      detections { score-threshold = 0, max-per-picture = 6 }
      regions { proposals = 20, sampled = 16, max-objects = 16 }
      """),
  SEMANTIC_FPN("type = semantic-segmentation, frames = 2, neck.channels = 16");

  public static final int CLASSES = 3;

  private static final String AROUND =
      """
      task { %s }
      model { name = efficientvim_nano, image-size = 64 }
      data {
        train-transforms = [{ type = pad, divisor = 32 }]
        eval-transforms = [
          { type = keep-ratio-resize, long-side = 96, short-sides = [64] }
          { type = pad, divisor = 32 }
        ]
      }
      batch { size = 1, shards = 1 }
      """;

  /** Scores differ by little at first. */
  private static final int GAIN = 30;

  private final String task;

  UntrainedNetwork(String task) {
    this.task = task;
  }

  public Recipe recipe() {
    return RecipeLoader.parse("untrained.conf", AROUND.formatted(task), List.of());
  }

  /** Weights that say what they are; those of the last layers are large. */
  public ModelWeights weights() {
    Recipe recipe = recipe();
    ParameterTable table =
        Trainer.tensors(TrainingSetup.trainer(recipe, DenseForm.of(recipe, CLASSES).network()));
    Weights initial = table.initialWeights(5);
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    for (Slot slot : table.slots()) {
      double[] values = initial.values(slot.name(), slot.shape());
      float gain = isLast(slot.name()) ? GAIN : 1;
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = gain * (float) values[i];
      }
      tensors.put(slot.name(), NamedTensor.floats(slot.name(), slot.shape(), floats));
    }
    List<ClassLabel> labels =
        IntStream.range(0, CLASSES)
            .mapToObj(i -> new ClassLabel(i, "n" + i, "thing " + i))
            .toList();
    CheckpointMeta meta =
        new CheckpointMeta(
            recipe.model().name(),
            CLASSES,
            recipe.model().imageSize(),
            0,
            0,
            labels,
            Map.of("code", "elapid of this test"),
            recipe.render(),
            Map.of());
    return new ModelWeights("untrained", Optional.of(meta), tensors);
  }

  private static boolean isLast(String name) {
    return name.endsWith("weight")
        && (name.contains("cls") || name.contains("conv_seg") || name.contains("conv_logits"));
  }
}
