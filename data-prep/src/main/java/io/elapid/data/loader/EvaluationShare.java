package io.elapid.data.loader;

/**
 * The contiguous part of a split that a rank evaluates.
 *
 * @param batchSize samples of a batch; the last may have fewer
 */
public record EvaluationShare(int rank, int ranks, int batchSize) {
  public EvaluationShare {
    if (rank < 0 || rank >= ranks || batchSize <= 0) {
      throw new IllegalArgumentException(
          "rank %d of %d with batches of %d".formatted(rank, ranks, batchSize));
    }
  }
}
