package io.elapid.optim;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.List;

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

  /**
   * Updates {@code parameters} in place from {@code gradients * gradientScale}; the scale carries
   * what would otherwise cost passes of their own: the mean over shards and the clip coefficient.
   */
  public void update(
      FlatVector parameters, FlatVector gradients, double gradientScale, double learningRate) {
    FlatVector.requireAlike(parameters, firstMoment);
    FlatVector.requireAlike(gradients, firstMoment);
    steps++;
    for (ParameterRange range : ranges) {
      Coefficients c = coefficients(range, gradientScale, learningRate);
      if (parameters instanceof FlatVector.Floats) {
        update(
            c,
            range,
            floats(parameters),
            floats(gradients),
            floats(firstMoment),
            floats(secondMoment));
      } else {
        update(
            c,
            range,
            doubles(parameters),
            doubles(gradients),
            doubles(firstMoment),
            doubles(secondMoment));
      }
    }
  }

  private record Coefficients(
      double gradient,
      double keep,
      double beta1,
      double beta2,
      double step,
      double root,
      double epsilon) {}

  private Coefficients coefficients(
      ParameterRange range, double gradientScale, double learningRate) {
    double correction1 = 1 - Math.pow(settings.beta1(), (double) steps);
    double correction2 = 1 - Math.pow(settings.beta2(), (double) steps);
    return new Coefficients(
        gradientScale,
        1 - learningRate * settings.weightDecay() * range.decayScale(),
        settings.beta1(),
        settings.beta2(),
        learningRate / correction1,
        1 / Math.sqrt(correction2),
        settings.epsilon());
  }

  private static void update(
      Coefficients c,
      ParameterRange range,
      FloatBuffer p,
      FloatBuffer g,
      FloatBuffer m,
      FloatBuffer v) {
    float gradient = (float) c.gradient();
    float keep = (float) c.keep();
    float rest1 = (float) (1 - c.beta1());
    float beta2 = (float) c.beta2();
    float rest2 = (float) (1 - c.beta2());
    float step = (float) c.step();
    float root = (float) c.root();
    float epsilon = (float) c.epsilon();
    for (int i = range.from(); i < range.to(); i++) {
      float gi = g.get(i) * gradient;
      float mi = m.get(i);
      mi += rest1 * (gi - mi);
      float vi = beta2 * v.get(i) + rest2 * gi * gi;
      m.put(i, mi);
      v.put(i, vi);
      p.put(i, p.get(i) * keep - step * mi / ((float) Math.sqrt(vi) * root + epsilon));
    }
  }

  private static void update(
      Coefficients c,
      ParameterRange range,
      DoubleBuffer p,
      DoubleBuffer g,
      DoubleBuffer m,
      DoubleBuffer v) {
    double rest1 = 1 - c.beta1();
    double rest2 = 1 - c.beta2();
    for (int i = range.from(); i < range.to(); i++) {
      double gi = g.get(i) * c.gradient();
      double mi = m.get(i);
      mi += rest1 * (gi - mi);
      double vi = c.beta2() * v.get(i) + rest2 * gi * gi;
      m.put(i, mi);
      v.put(i, vi);
      p.put(i, p.get(i) * c.keep() - c.step() * mi / (Math.sqrt(vi) * c.root() + c.epsilon()));
    }
  }

  private static FloatBuffer floats(FlatVector vector) {
    return ((FlatVector.Floats) vector).values();
  }

  private static DoubleBuffer doubles(FlatVector vector) {
    return ((FlatVector.Doubles) vector).values();
  }
}
