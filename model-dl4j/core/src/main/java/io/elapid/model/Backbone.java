package io.elapid.model;

import io.elapid.data.InputException;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Scope;
import io.elapid.nn.FeatureMap;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** A network that classifies pictures and whose maps serve dense tasks. */
public interface Backbone extends ImageClassifier {

  /** Number of stages. */
  int stages();

  /** What both sides of its pictures must be multiples of, in pixels. */
  default int sideMultiple() {
    return 1;
  }

  /** The heads it has. */
  Heads heads();

  /**
   * The same network with those heads.
   *
   * @throws InputException if this family has none of that kind
   */
  Backbone withHeads(Heads heads);

  /**
   * The same network whose last block is dropped at that rate in training, those before it at rates
   * that rise evenly from 0.
   *
   * @throws InputException if blocks of this family are never dropped
   */
  default Backbone withDropPath(double rate) {
    if (rate > 0) {
      throw new InputException(
          name() + " drops no paths", "leave out model.drop-path, or set it to 0");
    }
    return this;
  }

  /**
   * Builds the network without its head, and no further than the last stage asked for.
   *
   * @param images (batch, 3, height, width), a placeholder of known shape
   * @param outIndices stages, counted from 0
   * @return the maps at the end of these stages, before down-sampling, finest first
   */
  List<FeatureMap> features(Scope scope, SDVariable images, Set<Integer> outIndices);

  /** The last of some stages, all of which must exist. */
  default int last(Set<Integer> outIndices) {
    if (outIndices.isEmpty() || outIndices.stream().anyMatch(i -> i < 0 || i >= stages())) {
      throw new IllegalArgumentException(
          "%s has stages 0 to %d, not %s".formatted(name(), stages() - 1, outIndices));
    }
    return Collections.max(outIndices);
  }

  /** Names, shapes and number of the tensors of the classifier; needs a backend, not weights. */
  default ParameterTable tensors(Mode mode, int classes) {
    Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, mode);
    SDVariable images =
        scope.graph().placeHolder("images", DataType.FLOAT, 1, 3, imageSize(), imageSize());
    scores(scope, images, classes);
    return scope.table();
  }
}
