package io.elapid.checkpoint;

import io.elapid.data.source.ClassLabel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint says about itself, enough to predict with its weights and to go on training.
 *
 * @param model name of the network
 * @param classes number of classes
 * @param imageSize side of the square input in pixels
 * @param step updates done so far
 * @param epoch whole epochs done so far
 * @param classLabels in the order of the outputs; empty if unknown
 * @param provenance where the weights come from, see {@link Provenance}
 * @param recipe the resolved recipe as text; empty if unknown
 * @param metrics results at this point by name, such as {@code top1}; may be empty
 */
public record CheckpointMeta(
    String model,
    int classes,
    int imageSize,
    long step,
    long epoch,
    List<ClassLabel> classLabels,
    Map<String, String> provenance,
    String recipe,
    Map<String, Double> metrics) {
  public CheckpointMeta {
    classLabels = List.copyOf(classLabels);
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /** The same with other results, for weights that were evaluated after they were described. */
  public CheckpointMeta withMetrics(Map<String, Double> results) {
    return new CheckpointMeta(
        model, classes, imageSize, step, epoch, classLabels, provenance, recipe, results);
  }

  /** The same with another text of the recipe. */
  public CheckpointMeta withRecipe(String resolved) {
    return new CheckpointMeta(
        model, classes, imageSize, step, epoch, classLabels, provenance, resolved, metrics);
  }
}
