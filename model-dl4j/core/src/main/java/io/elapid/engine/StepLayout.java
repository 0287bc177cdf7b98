package io.elapid.engine;

/**
 * What a shard contributes to a step, as one vector that can be summed over shards: gradients in
 * the order of the parameters, the batch's statistics in the order of the buffers, then loss,
 * number of right answers, number of right answers among the first five, number of samples.
 *
 * @param gradients elements of all parameters
 * @param statistics elements of all buffers
 */
record StepLayout(long gradients, long statistics) {
  private static final int FIGURES = 4;

  int loss() {
    return Math.toIntExact(gradients + statistics);
  }

  int top1() {
    return loss() + 1;
  }

  int top5() {
    return loss() + 2;
  }

  int samples() {
    return loss() + 3;
  }

  int length() {
    return loss() + FIGURES;
  }
}
