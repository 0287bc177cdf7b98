package io.elapid.config;

/**
 * How ranks agree.
 *
 * @param batchNorm what batch norms take their statistics of
 * @param transport of what is summed; read by modes all-reduce and average only
 * @param every steps between two averagings; read by modes average and dl4j only
 * @param overlap what goes on while gradients are summed; read by mode all-reduce only
 * @param compression of gradients on their way; read by mode all-reduce only
 * @param topK share of the gradients that is sent; read by compression top-k only
 * @param threshold least gradient that is sent; read by compression threshold only
 */
public record SyncSpec(
    Mode mode,
    BatchNorm batchNorm,
    SumTransport transport,
    @Bounds("[1, 1000000]") int every,
    Overlap overlap,
    GradientCompression compression,
    @Bounds("(0, 1]") double topK,
    @Bounds("(0, inf)") double threshold) {

  /** What batch norms take their statistics of in training. */
  public enum BatchNorm {
    /** Each virtual shard by itself. */
    SHARD,
    /** All virtual shards of the batch, which meet in every batch norm. */
    BATCH
  }

  /** How gradients travel; what is not sent is added to the next step's (error feedback). */
  public enum GradientCompression {
    /** As they are. */
    NONE,
    /** In half precision. */
    FP16,
    /** The largest alone. */
    TOP_K,
    /** Whole steps of one size. */
    THRESHOLD
  }

  /** What sums go over. */
  public enum SumTransport {
    /** Connections between the processes. */
    SOCKETS,
    /** What connects the ranks' GPUs; the sockets where that is not to be had. */
    NCCL
  }

  /** What goes on while gradients are summed over the ranks. */
  public enum Overlap {
    /** The backward pass of a rank's last shard. */
    BACKWARD,
    NONE
  }

  /** How ranks come to the same weights. */
  public enum Mode {
    /** Gradients are summed over all ranks at every step. */
    ALL_REDUCE,
    /** Every rank steps alone; parameters and moments are averaged every few steps. */
    AVERAGE,
    /** The same, but DL4J's training on Spark sends them out and averages them. */
    DL4J
  }
}
