package io.elapid.engine.stock;

import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Pooling, linear maps and losses. */
final class Heads {
  private Heads() {}

  static List<SDVariable> spatialMean(Call call) {
    return Call.one(call.in(0).mean(call.dimensionsFrom(2)));
  }

  /** {@code (x, w, bias)}. */
  static List<SDVariable> linear(Call call) {
    SDVariable bias = call.shaped(2, 1, call.size(1, 0));
    return Call.one(call.in(0).mmul(call.in(1).permute(1, 0)).add(bias));
  }

  /** {@code (weights, logits...)}. */
  static List<SDVariable> softmaxMix(Call call) {
    int heads = call.inputs().size() - 1;
    SDVariable row = call.shaped(0, 1, heads);
    long[] shape = new long[1 + call.shape(1).length];
    Arrays.fill(shape, 1);
    shape[0] = heads;
    SDVariable shares = call.reshape(call.graph().nn().softmax(row, 1), shape);
    SDVariable logits =
        call.graph().stack(0, call.inputs().subList(1, heads + 1).toArray(SDVariable[]::new));
    return Call.one(logits.mul(shares).sum(0));
  }

  /** {@code (logits, targets)}; SameDiff's own loss takes it that targets add up to 1. */
  static List<SDVariable> crossEntropy(Call call) {
    SDVariable perElement = call.in(1).mul(logSoftmax(call, call.in(0)));
    return Call.one(perElement.sum().mul(-1.0 / call.size(0, 0)));
  }

  /** {@code (logits, teacher)}: {@code T^2 sum p (log p - log q)} over a number of elements. */
  static List<SDVariable> softDistillation(Call call) {
    double temperature = call.real(0);
    boolean perSample = call.attribute(0) == 0;
    long divisor = perSample ? call.size(0, 0) : (long) call.size(0, 0) * call.size(0, 1);
    SDVariable p = call.graph().nn().softmax(call.in(1).div(temperature), 1);
    SDVariable logP = logSoftmax(call, call.in(1).div(temperature));
    SDVariable logQ = logSoftmax(call, call.in(0).div(temperature));
    return Call.one(p.mul(logP.sub(logQ)).sum().mul(temperature * temperature / divisor));
  }

  /** Written out: ND4J's own cannot be copied into a graph of gradients in M2.1. */
  private static SDVariable logSoftmax(Call call, SDVariable x) {
    SDVariable shifted = x.sub(x.max(true, 1));
    return shifted.sub(call.graph().math().log(call.graph().math().exp(shifted).sum(true, 1)));
  }
}
