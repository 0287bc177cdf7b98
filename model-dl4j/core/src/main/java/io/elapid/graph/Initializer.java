package io.elapid.graph;

import java.util.Arrays;

/** A distribution from which a parameter starts; deterministic given a seed and a name. */
public sealed interface Initializer {

  /** Every element alike. */
  record Constant(double value) implements Initializer {}

  /** Uniform in [low, high). */
  record Uniform(double low, double high) implements Initializer {}

  /** Normal with mean 0, redrawn outside [-2, 2] as timm's {@code trunc_normal_} does. */
  record TruncatedNormal(double deviation) implements Initializer {}

  /**
   * {@code ln(n + 1)} for n from 0 in every row of {@code states}: the logarithms of a state
   * space's decays as Mamba starts them. Nothing is drawn.
   */
  record LogCount(int states) implements Initializer {}

  /**
   * The number whose softplus is {@code s}, for {@code ln s} uniform between the logarithms of
   * {@code low} and {@code high}, {@code s} at least {@code floor}: Mamba's step biases.
   */
  record InverseSoftplus(double low, double high, double floor) implements Initializer {}

  /** All zeros. */
  static Initializer zero() {
    return new Constant(0);
  }

  /** All ones. */
  static Initializer one() {
    return new Constant(1);
  }

  /**
   * PyTorch's default for a convolution or linear layer and for its bias: uniform within one over
   * the root of the fan-in.
   *
   * @param weightShape shape of the layer's weight; the fan-in is the product of all dimensions but
   *     the first
   */
  static Initializer fanIn(long... weightShape) {
    double fanIn = 1;
    for (int i = 1; i < weightShape.length; i++) {
      fanIn *= weightShape[i];
    }
    double bound = 1 / Math.sqrt(fanIn);
    return new Uniform(-bound, bound);
  }

  /** The first values of the sequence that belongs to {@code seed} and {@code name}. */
  default double[] draw(long seed, String name, int length) {
    double[] values = new double[length];
    if (this instanceof Constant constant) {
      Arrays.fill(values, constant.value());
      return values;
    }
    if (this instanceof LogCount count) {
      Arrays.setAll(values, i -> Math.log(i % count.states() + 1));
      return values;
    }
    NamedRandom random = new NamedRandom(seed, name);
    for (int i = 0; i < length; i++) {
      values[i] = next(random);
    }
    return values;
  }

  private double next(NamedRandom random) {
    if (this instanceof Uniform uniform) {
      return uniform.low() + (uniform.high() - uniform.low()) * random.uniform();
    }
    if (this instanceof InverseSoftplus step) {
      double range = Math.log(step.high()) - Math.log(step.low());
      double s = Math.exp(random.uniform() * range + Math.log(step.low()));
      double size = Math.max(s, step.floor());
      return size + Math.log(-Math.expm1(-size));
    }
    double deviation = ((TruncatedNormal) this).deviation();
    double value;
    do {
      value = deviation * random.normal();
    } while (Math.abs(value) > 2);
    return value;
  }
}
