package io.elapid.engine;

import io.elapid.engine.rewrite.OpGraph;
import io.elapid.engine.rewrite.OpList;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import java.util.List;
import java.util.Map;
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
        Blueprint.answering(
            new Classifier(model, classes), Frame.square(1, imageSize), DataType.FLOAT, mode);
    Set<String> wanted = Set.of(blueprint.output(Classifier.LOGITS).name());
    OpGraph graph =
        new ShapeInference(blueprint.graph(), Map.of())
            .graph(OpList.of(blueprint.graph(), wanted), wanted);
    LayerCosts costs = new LayerCosts(blueprint, graph);
    graph.nodes().forEach(costs::add);
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
