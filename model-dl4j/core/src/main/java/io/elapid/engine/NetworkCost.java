package io.elapid.engine;

import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import java.util.List;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Size and work of a network, read off the graph of one picture; nothing is computed and no weights
 * are needed.
 *
 * @param layers in the order of execution, without mere changes of shape
 * @param parameters elements of all parameters and of the constants that papers count with them
 * @param trainable elements of the parameters alone
 * @param buffers elements of the running statistics
 */
public record NetworkCost(List<LayerCost> layers, long parameters, long trainable, long buffers) {
  /** Keeps its own copy. */
  public NetworkCost {
    layers = List.copyOf(layers);
  }

  /** The cost for one square picture of that side; needs a backend. */
  public static NetworkCost of(ImageClassifier model, int classes, int imageSize, Mode mode) {
    Blueprint blueprint =
        Blueprint.of(model, classes, Blueprint.Input.square(1, imageSize), DataType.FLOAT, mode);
    LayerCosts costs = new LayerCosts(blueprint);
    for (OpNode node : OpList.of(blueprint.graph(), Set.of(blueprint.logits().name()))) {
      costs.add(node);
    }
    return new NetworkCost(
        costs.layers(),
        blueprint.table().countedLength(),
        blueprint.table().parameterLength(),
        blueprint.table().bufferLength());
  }

  /** Multiply-accumulates of one forward pass. */
  public long multiplyAccumulates() {
    return layers.stream().mapToLong(LayerCost::multiplyAccumulates).sum();
  }
}
