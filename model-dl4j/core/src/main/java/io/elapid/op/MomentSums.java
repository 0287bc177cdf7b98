package io.elapid.op;

import io.elapid.kernel.Tensor;
import java.util.List;

/** What {@link BatchMoments} and its gradient make of the shards' numbers. */
final class MomentSums {
  private MomentSums() {}

  /** All values of some tensors, one behind the other. */
  static double[] numbers(Tensor... tensors) {
    int length = 0;
    for (Tensor tensor : tensors) {
      length += tensor.size();
    }
    double[] numbers = new double[length];
    int next = 0;
    for (Tensor tensor : tensors) {
      for (int i = 0; i < tensor.size(); i++) {
        numbers[next++] = tensor.at(i);
      }
    }
    return numbers;
  }

  /** The sum of one of the numbers, in the order of the shards. */
  static double sum(List<double[]> shares, int index) {
    double sum = 0;
    for (double[] share : shares) {
      sum += share[index];
    }
    return sum;
  }
}
