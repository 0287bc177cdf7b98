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

  /**
   * Normal with mean 0, for deviations so small that a cut at 2 cuts nothing: those of published
   * heads.
   */
  static Initializer normal(double deviation) {
    return new TruncatedNormal(deviation);
  }

  /**
   * Glorot and Bengio's: uniform within {@code sqrt(6 / (fan-in + fan-out))}.
   *
   * @param weightShape outputs, inputs, then the sides of the kernel
   */
  static Initializer glorot(long... weightShape) {
    double taps = taps(weightShape);
    double bound = Math.sqrt(6 / ((weightShape[0] + weightShape[1]) * taps));
    return new Uniform(-bound, bound);
  }

  /**
   * He's for layers before a rectifier, by the fan-out: normal with deviation {@code sqrt(2 /
   * fan-out)}.
   *
   * @param weightShape as PyTorch counts: the fan-out is the first dimension times the kernel
   */
  static Initializer he(long... weightShape) {
    return normal(Math.sqrt(2 / (weightShape[0] * taps(weightShape))));
  }

  private static double taps(long... weightShape) {
    double taps = 1;
    for (int i = 2; i < weightShape.length; i++) {
      taps *= weightShape[i];
    }
    return taps;
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
