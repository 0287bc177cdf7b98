package io.elapid.kernel;

import java.util.Optional;

/**
 * Losses of dense predictions: weighted sums over elements, divided by a number that comes with the
 * data.
 *
 * <p>Labels and weights belong to groups of elements. Predictions {@code (N, A K, ...)} are {@code
 * N A} rows of K values at each position, and there is one label, or one weight, for a row and a
 * position: {@code (N, A, ...)}. So maps need not be transposed, and {@code (N, K)} with {@code
 * (N)} are plain rows. What has weight 0 does not count, whatever it holds: padding may be garbage.
 *
 * <p>A forward kernel writes the loss and, for the gradient, its {@code slope}: the derivative in
 * every prediction. The slope may take the place of the predictions.
 */
public interface LossKernel {
  /**
   * What predictions are compared with.
   *
   * @param values labels, or numbers of the predictions' shape
   * @param weights per group, 1 if there are none
   */
  record Targets(Tensor values, Optional<Tensor> weights) {}

  /**
   * Where results go.
   *
   * @param divisor one number, read
   * @param loss one number
   * @param slope of the predictions' shape
   */
  record Result(Tensor divisor, Tensor loss, Tensor slope) {}

  /**
   * Sigmoid focal loss (Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017): {@code sum
   * w a (1 - q)^gamma (-ln q) / divisor}, where q is the sigmoid of the logit and {@code a = alpha}
   * for the group's own class, and 1 minus both for the others.
   *
   * <p>The label K stands for the background, to which no class belongs; groups with the label -1
   * do not count.
   */
  void focal(Tensor logits, Targets labels, double alpha, double gamma, Result result);

  /**
   * {@code sum w l(prediction - target) / divisor} with {@code l(d) = |d|} from {@code beta} on and
   * less {@code beta / 2}, and {@code d^2 / (2 beta)} below; with {@code beta = 0} this is the sum
   * of absolute differences, whose derivative at 0 is 0.
   */
  void smoothL1(Tensor predictions, Targets targets, double beta, Result result);

  /** {@code sum w (ln(1 + e^x) - t x) / divisor}: binary cross-entropy of a sigmoid. */
  void binaryCrossEntropy(Tensor logits, Targets targets, Result result);

  /**
   * Softmax cross-entropy over the K values of a group: {@code sum w (-ln softmax(x)[label]) /
   * divisor}.
   *
   * @param ignored label of the groups that do not count
   * @throws IllegalArgumentException if a label is neither this nor one of 0 to K - 1
   */
  void crossEntropy(Tensor logits, Targets labels, int ignored, Result result);

  /** {@code dx = dloss slope}; {@code dx} may take the place of the slope. */
  void gradient(Tensor dloss, Tensor slope, Tensor dx);
}
