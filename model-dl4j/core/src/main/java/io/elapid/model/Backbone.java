package io.elapid.model;

import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Scope;
import io.elapid.nn.FeatureMap;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/** A network that classifies pictures and whose maps serve dense tasks. */
public interface Backbone extends ImageClassifier {

  /**
   * Builds the network without its head.
   *
   * @param images (batch, 3, height, width), a placeholder of known shape
   * @return the map at the end of each stage, before down-sampling, finest first
   */
  List<FeatureMap> features(Scope scope, SDVariable images);

  /** Names, shapes and number of the tensors of the classifier; needs a backend, not weights. */
  default ParameterTable tensors(Mode mode, int classes) {
    Scope scope = Scope.root(SameDiff.create(), DataType.FLOAT, mode);
    SDVariable images =
        scope.graph().placeHolder("images", DataType.FLOAT, 1, 3, imageSize(), imageSize());
    logits(scope, images, classes);
    return scope.table();
  }
}
