package io.elapid.engine;

import io.elapid.engine.rewrite.Rewrites;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.op.OpRegistry;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A classifier's forward graph for one input shape, not yet compiled.
 *
 * @param images placeholder (batch, 3, height, width)
 * @param scores (batch, classes)
 * @param rewrites that it is compiled with
 */
record Blueprint(
    Scope scope, ParameterTable table, SDVariable images, Scores scores, Rewrites rewrites) {
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
    return of(model, classes, input, Scope.root(SameDiff.create(), type, mode));
  }

  /** In a scope over an empty graph. */
  static Blueprint of(ImageClassifier model, int classes, Input input, Scope scope) {
    OpRegistry.register();
    DataType type = scope.dataType();
    SDVariable images = scope.graph().placeHolder(IMAGES, type, input.shape());
    Scores scores = model.scores(scope, images, classes);
    return new Blueprint(scope, scope.table(), images, scores, Rewrites.all());
  }

  /** To be compiled with other rewrites. */
  Blueprint with(Rewrites others) {
    return new Blueprint(scope, table, images, scores, others);
  }

  /** The network's answer, (batch, classes). */
  SDVariable logits() {
    return scores.logits();
  }

  /** What the loss averages over: in training every head, else the answer. */
  List<SDVariable> judged() {
    return scope.mode() == Mode.TRAIN ? scores.heads() : List.of(scores.logits());
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
