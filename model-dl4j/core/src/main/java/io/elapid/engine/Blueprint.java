package io.elapid.engine;

import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Scope;
import io.elapid.op.OpRegistry;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A classifier's forward graph for one input shape, not yet compiled.
 *
 * @param images placeholder (batch, 3, height, width)
 * @param logits (batch, classes)
 */
record Blueprint(Scope scope, ParameterTable table, SDVariable images, SDVariable logits) {
  static final String IMAGES = "images";

  /** Input sizes that a program is compiled for. */
  record Input(int batch, int height, int width) {
    static Input square(int batch, int side) {
      return new Input(batch, side, side);
    }

    long[] shape() {
      return new long[] {batch, 3, height, width};
    }
  }

  static Blueprint of(ImageClassifier model, int classes, Input input, DataType type, Mode mode) {
    OpRegistry.register();
    Scope scope = Scope.root(SameDiff.create(), type, mode);
    SDVariable images = scope.graph().placeHolder(IMAGES, type, input.shape());
    SDVariable logits = model.logits(scope, images, classes);
    return new Blueprint(scope, scope.table(), images, logits);
  }

  SameDiff graph() {
    return scope.graph();
  }

  Map<String, String> taps() {
    return scope.taps();
  }

  long[] inputShape() {
    return images.getShape();
  }

  int batch() {
    return Math.toIntExact(inputShape()[0]);
  }
}
