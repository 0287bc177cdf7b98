package io.elapid.engine.stock;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;

/** Normalisations by means of values and of squares. */
final class Norms {
  private Norms() {}

  /** {@code (x, gamma, beta)} to y, the mean, and the unbiased variance. */
  static List<SDVariable> batchNorm(Call call) {
    SDVariable x = call.in(0);
    int channels = call.size(0, 1);
    int[] others =
        IntStream.range(0, call.shape(0).length).filter(dimension -> dimension != 1).toArray();
    SDVariable mean = x.mean(true, others);
    SDVariable centred = x.sub(mean);
    SDVariable variance = variance(call, centred, others);
    SDVariable y = affine(call, divided(call, centred, variance), call.in(1), call.in(2));
    long count = 1;
    for (int dimension : others) {
      count *= call.shape(0)[dimension];
    }
    double unbiased = (double) count / (count - 1);
    return List.of(
        Elementwise.activated(call, y, call.attribute(0)),
        call.reshape(mean, channels),
        call.reshape(variance, channels).mul(unbiased));
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
