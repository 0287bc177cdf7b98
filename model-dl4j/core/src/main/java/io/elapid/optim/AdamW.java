package io.elapid.optim;

import io.elapid.kernel.OptimizerKernel;
import java.util.List;
import java.util.Optional;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
 * 2019), step for step as {@code torch.optim.AdamW}:
 *
 * <pre>
 *   p -= lr * decay * p
 *   m += (1 - beta1) * (g - m)
 *   v  = beta2 * v + (1 - beta2) * g^2
 *   p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 * </pre>
 *
 * <p>The two moment vectors are given by the caller, who saves and restores them; together with
 * {@link #steps()} they are the whole state. Not safe for use by several threads.
 */
public final class AdamW {
  private final AdamWSettings settings;
  private final FlatVector firstMoment;
  private final FlatVector secondMoment;
  private final List<ParameterRange> ranges;
  private long steps;

  /**
   * What an update starts from.
   *
   * @param parameters changed in place
   * @param gradientScale factor on the gradients, which carries what would otherwise cost passes of
   *     their own: the mean over shards and the clip coefficient
   * @param average moved towards the new parameters, if there is one
   */
  public record Step(
      FlatVector parameters,
      FlatVector gradients,
      double gradientScale,
      double learningRate,
      Optional<Average> average) {

    /** Without a moving average. */
    public Step(
        FlatVector parameters, FlatVector gradients, double gradientScale, double learningRate) {
      this(parameters, gradients, gradientScale, learningRate, Optional.empty());
    }
  }

  /** A moving average of the parameters. */
  public record Average(FlatVector values, Ema ema) {}

  /**
   * @param ranges cover the whole vector in order, see {@link ParameterRange}
   * @param firstMoment zero at the start of training, of the same type and length as the parameters
   * @param secondMoment likewise
   */
  public AdamW(
      AdamWSettings settings,
      List<ParameterRange> ranges,
      FlatVector firstMoment,
      FlatVector secondMoment) {
    FlatVector.requireAlike(firstMoment, secondMoment);
    this.settings = settings;
    this.firstMoment = firstMoment;
    this.secondMoment = secondMoment;
    this.ranges = ParameterRange.tile(ranges, firstMoment.length());
  }

  /** Number of updates done so far, the t of the bias correction. */
  public long steps() {
    return steps;
  }

  /** Continues after {@code steps} updates; the caller has restored the moments. */
  public void resumeAt(long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException("negative number of steps: " + steps);
    }
    this.steps = steps;
  }

  /** Updates parameters, moments and average in one sweep over the memory. */
  public void update(OptimizerKernel kernel, Step step) {
    FlatVector.requireAlike(step.parameters(), firstMoment);
    FlatVector.requireAlike(step.gradients(), firstMoment);
    step.average().ifPresent(average -> FlatVector.requireAlike(average.values(), firstMoment));
    steps++;
    kernel.adamW(
        new OptimizerKernel.Vectors(
            step.parameters().tensor(),
            step.gradients().tensor(),
            firstMoment.tensor(),
            secondMoment.tensor(),
            step.average().map(average -> average.values().tensor())),
        ranges.stream()
            .filter(range -> !range.frozen())
            .map(range -> moving(range, step.learningRate()))
            .toList(),
        coefficients(step));
  }

  private OptimizerKernel.Range moving(ParameterRange range, double learningRate) {
    double rate = learningRate * range.rateScale();
    double keep = 1 - rate * settings.weightDecay() * range.decayScale();
    return new OptimizerKernel.Range(range.from(), range.to(), keep, range.rateScale());
  }

  private OptimizerKernel.Coefficients coefficients(Step step) {
    double correction1 = 1 - Math.pow(settings.beta1(), (double) steps);
    double correction2 = 1 - Math.pow(settings.beta2(), (double) steps);
    return new OptimizerKernel.Coefficients(
        step.gradientScale(),
        settings.beta1(),
        settings.beta2(),
        step.learningRate() / correction1,
        1 / Math.sqrt(correction2),
        settings.epsilon(),
        step.average().map(average -> average.ema().decay()).orElse(0.0));
  }
}
