package io.elapid.kernel;

import java.util.List;
import java.util.Optional;

/** Passes over the flat vectors of a training step; all vectors of a call have one length. */
public interface OptimizerKernel {
  /**
   * Elements {@code [from, to)}, whose parameters shrink alike.
   *
   * @param keep factor on the parameters before they move: 1 without weight decay
   */
  record Range(int from, int to, double keep) {}

  /**
   * Constants of one update.
   *
   * @param gradient factor on the gradients
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param step learning rate over the first moment's bias correction
   * @param root what the root of the second moment is multiplied by for its bias correction
   * @param epsilon added to that root
   * @param average decay of the moving average
   */
  record Coefficients(
      double gradient,
      double beta1,
      double beta2,
      double step,
      double root,
      double epsilon,
      double average) {}

  /**
   * What an update reads and, but for the gradients, writes.
   *
   * @param average moving average of the parameters, if there is one
   */
  record Vectors(
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Optional<Tensor> average) {}

  /**
   * One update of AdamW, in one sweep:
   *
   * <pre>
   *   g' = gradient * g
   *   m += (1 - beta1) * (g' - m)
   *   v  = beta2 * v + (1 - beta2) * g'^2
   *   p  = keep * p - step * m / (sqrt(v) * root + epsilon)
   *   a  = average * a + (1 - average) * p
   * </pre>
   *
   * @param ranges cover the vectors in order, without gap or overlap
   */
  void adamW(Vectors vectors, List<Range> ranges, Coefficients coefficients);

  /** Sum of squares, accumulated in double; NaN or infinite if an element is. */
  double squares(Tensor x);

  /** {@code y = keep * y + take * x}. */
  void blend(Tensor y, double keep, Tensor x, double take);

  /** {@code y = factor * x}; {@code y} may be {@code x}. */
  void scale(Tensor x, double factor, Tensor y);
}
