package io.elapid.kernel;

import java.util.List;
import java.util.Optional;

/** Passes over the flat vectors of a training step; all vectors of a call have one length. */
public interface OptimizerKernel {
  /**
   * Elements {@code [from, to)}, whose parameters move alike.
   *
   * @param keep factor on the parameters before they move: 1 without weight decay
   * @param rate factor on the step
   */
  record Range(int from, int to, double keep, double rate) {}

  /**
   * Neighbouring stretches that are clipped each by itself: rows of a matrix, filters of a
   * convolution, or one whole vector.
   *
   * @param from first element of the first unit
   * @param count number of units
   * @param length elements of a unit
   */
  record Units(int from, int count, int length) {}

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
   *   p  = keep * p - rate * step * m / (sqrt(v) * root + epsilon)
   *   a  = average * a + (1 - average) * p
   * </pre>
   *
   * @param ranges in order, without overlap; what none of them covers is left alone
   */
  void adamW(Vectors vectors, List<Range> ranges, Coefficients coefficients);

  /** Sum of squares, accumulated in double; NaN or infinite if an element is. */
  double squares(Tensor x);

  /**
   * Adaptive clipping (Brock et al., "High-Performance Large-Scale Image Recognition Without
   * Normalization", 2021), unit by unit and in place, norms accumulated in double:
   *
   * <pre>
   *   limit = factor * max(|p|, floor)
   *   norm  = gradient * |g|
   *   g    *= norm &gt; limit ? limit / max(norm, 1e-6) : 1
   * </pre>
   *
   * @param units in order, without overlap; what none of them covers is left alone
   */
  void clipUnits(Tensor parameters, Tensor gradients, List<Units> units, UnitClip clip);

  /**
   * Constants of adaptive clipping.
   *
   * @param gradient factor that the gradients still lack when their norms are compared
   * @param factor largest norm of a unit's gradient over the norm of its weights
   * @param floor least norm that a unit's weights are taken to have
   */
  record UnitClip(double gradient, double factor, double floor) {
    /** Gradients of a smaller norm are not scaled up to the limit. */
    private static final double LEAST_NORM = 1e-6;

    /** Factor on the gradient of a unit with those sums of squares. */
    public double coefficient(double parameterSquares, double gradientSquares) {
      double limit = factor * Math.max(Math.sqrt(parameterSquares), floor);
      double norm = gradient * Math.sqrt(gradientSquares);
      return norm > limit ? limit / Math.max(norm, LEAST_NORM) : 1;
    }
  }

  /** {@code y = keep * y + take * x}. */
  void blend(Tensor y, double keep, Tensor x, double take);

  /** {@code y = factor * x}; {@code y} may be {@code x}. */
  void scale(Tensor x, double factor, Tensor y);
}
