package io.elapid.graph;

/**
 * How the values of one tensor of a graph come from the weights of the network's train form: as
 * they are, or computed from several, as when batch norm is folded into a convolution.
 */
@FunctionalInterface
public interface WeightRule {
  double[] values(Weights trainForm);
}
