package io.elapid.graph;

import org.nd4j.autodiff.samediff.SDVariable;

/** A network from pictures to class scores, as the engine sees it. */
public interface ImageClassifier {

  /** Name in recipes and checkpoints. */
  String name();

  /** Side of the square pictures that the published network takes. */
  int imageSize();

  /**
   * Builds the network.
   *
   * @param scope root scope of an empty graph
   * @param images (batch, 3, height, width), a placeholder of known shape
   * @return class scores, (batch, classes)
   */
  Scores scores(Scope scope, SDVariable images, int classes);
}
