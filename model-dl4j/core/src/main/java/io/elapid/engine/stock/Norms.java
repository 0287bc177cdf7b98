package io.elapid.engine.stock;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/** Normalisations by means of values and of squares. */
final class Norms {
  private Norms() {}

  /** {@code (x, gamma, beta)} to y, the mean, and the unbiased variance. */
  static List<SDVariable> batchNorm(Call call) {
    Normed normed = normed(call, call.in(0), call.in(1), call.in(2));
    return List.of(
        Elementwise.activated(call, normed.y(), call.attribute(0)),
        normed.mean(),
        normed.unbiased());
  }

  /** By statistics of the values themselves. */
  private record Normed(SDVariable y, SDVariable mean, SDVariable unbiased) {}

  private static Normed normed(Call call, SDVariable x, SDVariable gamma, SDVariable beta) {
    int channels = call.size(0, 1);
    int[] others = allButChannels(call);
    SDVariable mean = x.mean(true, others);
    SDVariable centred = x.sub(mean);
    SDVariable variance = variance(call, centred, others);
    return new Normed(
        affine(call, divided(call, centred, variance), gamma, beta),
        call.reshape(mean, channels),
        call.reshape(variance, channels).mul(unbiased(call, others)));
  }

  /**
   * {@code (u, x, weight, bias, gamma1, beta1, gamma2, beta2)} to y and, of the inner and the outer
   * norm, the mean and the unbiased variance.
   */
  static List<SDVariable> shortcutNorm(Call call) {
    Normed inner = normed(call, call.in(0), call.in(4), call.in(5));
    SDVariable shortcut =
        call.in(1).mul(call.perChannel(call.in(2)).add(1)).add(call.perChannel(call.in(3)));
    Normed outer = normed(call, inner.y().add(shortcut), call.in(6), call.in(7));
    return List.of(outer.y(), inner.mean(), inner.unbiased(), outer.mean(), outer.unbiased());
  }

  private static long values(Call call, int... others) {
    return Arrays.stream(others)
        .mapToLong(dimension -> call.size(0, dimension))
        .reduce(1, (a, b) -> a * b);
  }

  private static double unbiased(Call call, int... others) {
    double count = values(call, others);
    return count / (count - 1);
  }

  /** {@code (x)} to means, unbiased variances and the number of values of a channel. */
  static List<SDVariable> channelMoments(Call call) {
    int channels = call.size(0, 1);
    int[] others = allButChannels(call);
    SDVariable mean = call.in(0).mean(true, others);
    SDVariable variance = variance(call, call.in(0).sub(mean), others);
    SDVariable values = call.graph().constant(Nd4j.scalar(call.type(), values(call, others)));
    return Call.one(
        call.graph()
            .concat(
                0,
                call.reshape(mean, channels),
                call.reshape(variance, channels).mul(unbiased(call, others)),
                call.reshape(values, 1)));
  }

  /** {@code (moments)} of the one shard of a batch to mean, biased and unbiased variance. */
  static List<SDVariable> batchMoments(Call call) {
    int channels = call.size(0, 0) / 2;
    SDVariable mean = part(call, 0, channels);
    SDVariable unbiased = part(call, channels, channels);
    SDVariable values = part(call, 2 * channels, 1);
    return List.of(mean, unbiased.mul(values.sub(1).div(values)), unbiased);
  }

  private static SDVariable part(Call call, int from, int length) {
    return call.graph().slice(call.in(0), new int[] {from}, length);
  }

  private static int[] allButChannels(Call call) {
    return IntStream.range(0, call.shape(0).length).filter(dimension -> dimension != 1).toArray();
  }

  /** {@code (x, gamma, beta, mean, variance)}. */
  static List<SDVariable> batchNormInference(Call call) {
    SDVariable centred = call.in(0).sub(call.perChannel(call.in(3)));
    SDVariable normalised = divided(call, centred, call.perChannel(call.in(4)));
    SDVariable y = affine(call, normalised, call.in(1), call.in(2));
    return Call.one(Elementwise.activated(call, y, call.attribute(0)));
  }

  /** {@code (x, weight, bias)}, over the channels. */
  static List<SDVariable> layerNorm(Call call) {
    SDVariable centred = call.in(0).sub(call.in(0).mean(true, 1));
    SDVariable variance = variance(call, centred, 1);
    return Call.one(affine(call, divided(call, centred, variance), call.in(1), call.in(2)));
  }

  /** Written out: the gradient of ND4J's own {@code var} is wrong in M2.1. */
  private static SDVariable variance(Call call, SDVariable centred, int... dimensions) {
    return call.graph().math().square(centred).mean(true, dimensions);
  }

  private static SDVariable divided(Call call, SDVariable centred, SDVariable variance) {
    return centred.div(call.graph().math().sqrt(variance.add(call.real(0))));
  }

  private static SDVariable affine(Call call, SDVariable x, SDVariable factors, SDVariable shifts) {
    return x.mul(call.perChannel(factors)).add(call.perChannel(shifts));
  }
}
