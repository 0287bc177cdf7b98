package io.elapid.engine;

import io.elapid.data.loader.ImageBatch;
import io.elapid.graph.Scope;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A network with its loss: what a {@link Trainer} trains and an {@link Evaluator} asks.
 *
 * <p>It is built once for every {@link Frame} that batches come in, in one of two forms. Both take
 * the pictures, {@link Ports#images}, and whatever else they declare as {@link Ports#input}; before
 * a pass the engine copies the pictures, draws what is dropped, and lets the network write the
 * rest. Names, shapes and order of the parameters must be the same for every frame.
 *
 * @param <B> batches that it learns from and answers
 */
public interface Network<B extends ImageBatch> {

  /** Name in messages and checkpoints. */
  String name();

  /** Numbers that the learning form tells beside the loss; always the same. */
  List<Figure> figures();

  /**
   * Builds the form that learns.
   *
   * @param scope root scope of an empty graph; its mode is TRAIN except where a test wants the
   *     gradient of the evaluation form
   * @param ports takes inputs, outputs, and those {@linkplain #figures figures} that the graph
   *     computes
   * @return the loss, a scalar: the mean over the frame's samples
   */
  SDVariable learn(Scope scope, Ports ports);

  /**
   * Builds the form that answers.
   *
   * @param scope root scope of an empty graph, of mode EVAL or DEPLOY
   * @param ports takes inputs and outputs
   */
  void answer(Scope scope, Ports ports);

  /**
   * Writes the inputs of the learning form for a full batch.
   *
   * @param inputs what {@link #learn} declared; keeps what was written before
   * @param average what the moving average of the network answers
   * @throws IllegalArgumentException if the batch is not for this network
   */
  void teach(B batch, Buffers inputs, Average<B> average);

  /**
   * Writes the inputs of the answering form for a batch that may be partly filled.
   *
   * @param inputs what {@link #answer} declared; keeps what was written before
   * @throws IllegalArgumentException if the batch is not for this network
   */
  default void ask(B batch, Buffers inputs) {}

  /**
   * Figures that the graph does not compute, after a pass of the learning form.
   *
   * @param outputs what {@link #learn} gave out
   */
  default Map<String, Double> count(B batch, Buffers outputs) {
    return Map.of();
  }

  /** Whether {@link #teach} may ask the moving average, so that there must be one. */
  default boolean learnsFromAverage() {
    return false;
  }

  /** The moving average of a network that is being trained. */
  @FunctionalInterface
  interface Average<B> {
    /** Outputs of the evaluation form for a batch; overwritten by the next call. */
    Buffers answers(B batch);
  }
}
