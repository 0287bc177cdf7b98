package io.elapid.graph;

/** What a graph is built for. */
public enum Mode {
  /** Batch norm uses the statistics of the batch and reports them; gradients are wanted. */
  TRAIN,
  /** Batch norm uses running statistics; gradients exist, which is how frozen statistics train. */
  EVAL,
  /** Batch norm is folded into the convolutions before it: fewer parameters, same function. */
  DEPLOY
}
