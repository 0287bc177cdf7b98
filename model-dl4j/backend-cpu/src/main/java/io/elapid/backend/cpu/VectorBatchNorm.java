package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Channel by channel: a channel of a batch stays in the cache between the passes over it. */
final class VectorBatchNorm implements BatchNormKernel {
  private final Workers workers;
  private final BatchNormKernel reference;

  VectorBatchNorm(Workers workers, BatchNormKernel reference) {
    this.workers = workers;
    this.reference = reference;
  }

  @Override
  public void train(Train a) {
    if (!Lanes.areFloat(a.x())) {
      reference.train(a);
      return;
    }
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            trainChannel(a, c);
          }
        });
  }

  private static void trainChannel(Train a, int c) {
    ByteBuffer x = a.x().bytes();
    ChannelRows plane = ChannelRows.of(a.x(), c);
    // Sums of x - pivot and its square in one pass; a pivot near the mean keeps the squares'
    // difference exact.
    float pivot = Lanes.get(x, plane.start());
    double[] sums = new double[2];
    addMoments(x, plane, 0, 1, pivot, sums);
    pivot += (float) (sums[0] / plane.length());
    Arrays.fill(sums, 0);
    for (int b = 0; b < plane.batch(); b += plane.chunk()) {
      addMoments(x, plane, b, Math.min(plane.batch(), b + plane.chunk()), pivot, sums);
    }
    int values = plane.values();
    double shifted = sums[0] / values;
    float mean = (float) (pivot + shifted);
    double variance = sums[1] / values - shifted * shifted;
    variance = variance < 0 ? 0 : variance;
    float invStd = (float) (1 / Math.sqrt(variance + a.eps()));
    a.mean().put(c, mean);
    a.variance().put(c, values > 1 ? variance * values / (values - 1) : variance);
    a.invStd().put(c, invStd);
    float scale = scale(a.gamma(), c, invStd);
    map(
        x,
        plane,
        scale,
        shift(a.beta(), c, mean, scale),
        a.activation() == ActivationKind.RELU,
        a.y().bytes());
  }

  @Override
  public void inference(Inference a) {
    if (!Lanes.areFloat(a.x())) {
      reference.inference(a);
      return;
    }
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float scale = scale(a.gamma(), c, invStd(a.variance(), c, a.eps()));
            float shift = shift(a.beta(), c, (float) a.mean().at(c), scale);
            map(
                a.x().bytes(),
                ChannelRows.of(a.x(), c),
                scale,
                shift,
                a.activation() == ActivationKind.RELU,
                a.y().bytes());
          }
        });
  }

  @Override
  public void trainGradient(TrainGradient a) {
    if (!Lanes.areFloat(a.x())) {
      reference.trainGradient(a);
      return;
    }
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float mean = (float) a.mean().at(c);
            float invStd = (float) a.invStd().at(c);
            BatchNormChannelGradient channel =
                channel(a.x(), a.dy(), a.gamma(), a.beta(), c, mean, invStd, a.activation());
            double[] sums = channel.sums();
            a.dbeta().put(c, sums[0]);
            a.dgamma().put(c, sums[1] * invStd);
            int values = channel.plane().values();
            float slope = (float) (-channel.scale() * sums[1] * invStd * invStd / values);
            channel.inputGradient(
                slope, (float) (-channel.scale() * sums[0] / values), a.dx().bytes());
          }
        });
  }

  @Override
  public void inferenceGradient(InferenceGradient a) {
    if (!Lanes.areFloat(a.x())) {
      reference.inferenceGradient(a);
      return;
    }
    workers.forEach(
        a.x().dim(1),
        a.x().size() / a.x().dim(1),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float mean = (float) a.mean().at(c);
            float invStd = invStd(a.variance(), c, a.eps());
            BatchNormChannelGradient channel =
                channel(a.x(), a.dy(), a.gamma(), a.beta(), c, mean, invStd, a.activation());
            double[] sums = channel.sums();
            a.dbeta().put(c, sums[0]);
            a.dgamma().put(c, sums[1] * invStd);
            channel.inputGradient(0, 0, a.dx().bytes());
          }
        });
  }

  private static float invStd(Tensor variance, int c, double eps) {
    return (float) (1 / Math.sqrt(variance.at(c) + eps));
  }

  private static float scale(Tensor gamma, int c, float invStd) {
    return (float) gamma.at(c) * invStd;
  }

  private static float shift(Tensor beta, int c, float mean, float scale) {
    return Math.fma(-mean, scale, (float) beta.at(c));
  }

  private static BatchNormChannelGradient channel(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor beta,
      int c,
      float mean,
      float invStd,
      ActivationKind activation) {
    float scale = scale(gamma, c, invStd);
    float shift = shift(beta, c, mean, scale);
    return new BatchNormChannelGradient(
        x.bytes(),
        dy.bytes(),
        ChannelRows.of(x, c),
        mean,
        scale,
        shift,
        activation == ActivationKind.RELU);
  }

  /**
   * Adds {@code {sum(x - pivot), sum((x - pivot)^2)}} over the rows {@code [from, to)}.
   *
   * <p>One loop over the registers of all rows, as in the gradient: in nested loops the compiler
   * puts accumulators on the heap. For the same reason these methods must not be inlined into the
   * loops that call them, and are, unrolled, longer than the compiler's limit for that (325 bytes).
   */
  private static void addMoments(
      ByteBuffer x, ChannelRows p, int from, int to, float pivot, double[] total) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    FloatVector q0 = Lanes.zero();
    FloatVector q1 = Lanes.zero();
    int i = p.row(from);
    int left = p.registers();
    int gap = p.gap();
    int k = p.registers() * (to - from);
    while (k > 0) {
      if (left >= 4) {
        FloatVector d0 = Lanes.load(x, i).sub(pivot);
        FloatVector d1 = Lanes.load(x, i + WIDTH).sub(pivot);
        FloatVector d2 = Lanes.load(x, i + 2 * WIDTH).sub(pivot);
        FloatVector d3 = Lanes.load(x, i + 3 * WIDTH).sub(pivot);
        s0 = s0.add(d0.add(d2));
        s1 = s1.add(d1.add(d3));
        q0 = d2.lanewise(VectorOperators.FMA, d2, d0.lanewise(VectorOperators.FMA, d0, q0));
        q1 = d3.lanewise(VectorOperators.FMA, d3, d1.lanewise(VectorOperators.FMA, d1, q1));
        i += 4 * WIDTH;
        left -= 4;
        k -= 4;
      } else {
        FloatVector d = Lanes.load(x, i).sub(pivot);
        s0 = s0.add(d);
        q0 = d.lanewise(VectorOperators.FMA, d, q0);
        i += WIDTH;
        left--;
        k--;
      }
      if (left == 0) {
        left = p.registers();
        i += gap;
      }
    }
    total[0] += Lanes.sum(s0.add(s1));
    total[1] += Lanes.sum(q0.add(q1));
    for (int b = from; b < to; b++) {
      for (int j = p.rest(b); j < p.row(b) + p.length(); j++) {
        float d = Lanes.get(x, j) - pivot;
        total[0] += d;
        total[1] += (double) d * d;
      }
    }
  }

  private static void map(
      ByteBuffer x, ChannelRows p, float scale, float shift, boolean relu, ByteBuffer y) {
    FloatVector scales = Lanes.all(scale);
    FloatVector shifts = Lanes.all(shift);
    for (int b = 0; b < p.batch(); b++) {
      int i = p.start() + b * p.step();
      int end = i + p.length();
      for (; i <= end - WIDTH; i += WIDTH) {
        FloatVector v = Lanes.load(x, i).lanewise(VectorOperators.FMA, scales, shifts);
        Lanes.store(relu ? Lanes.relu(v) : v, y, i);
      }
      for (; i < end; i++) {
        float v = Math.fma(Lanes.get(x, i), scale, shift);
        Lanes.put(y, i, relu ? Lanes.relu(v) : v);
      }
    }
  }
}
